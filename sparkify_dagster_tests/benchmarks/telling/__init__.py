"""What is told of the figures: a file for programs, one for people, plots.

What belongs in this package: keeping, showing, drawing, and on what machine it all was. What doesn't: measuring.
"""
