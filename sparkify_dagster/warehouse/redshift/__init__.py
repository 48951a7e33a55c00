"""The warehouse on Amazon Redshift.

What belongs in this package: all that only Redshift needs, from logging in to COPY. What doesn't: settings, which come
in as arguments, and what is loaded when.
"""
