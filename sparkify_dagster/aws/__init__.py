"""Asking AWS: the one room below all that speaks to one of its services.

What belongs in this package: which services are asked and how patiently (``services``), making clients for them
(``clients``), and what their errors mean to people (``errors``). What doesn't: which requests are made, and where
credentials come from: boto3 finds them, and nothing here ever holds one.

boto3 and botocore are imported inside functions only. They take long, and a platform that works on folders alone
imports this package too.
"""
