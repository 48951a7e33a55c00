"""The production platform on AWS: set up, looked at, paused, taken down.

What belongs here: each resource of AWS that the platform is made of, and the order in which they come and go.
What doesn't: what is loaded into it (``loading``, ``warehouse``), and how people are asked and told (``cli``).

Everything that is made carries three tags, from the moment that it is there: which platform it belongs to, of which
kind that is, and in which region. What carries them is removed with the platform, and nothing else is.
"""
