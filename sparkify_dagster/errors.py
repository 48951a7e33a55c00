"""Errors that are meant for people.

What belongs here: the exceptions whose message alone tells a user what happened, to which file, month or setting,
and what to do next. The command line prints such a message as one line, without a traceback.
What doesn't: errors of programming, which stay ordinary Python exceptions.
"""


class SparkifyError(Exception):
    """What happened, to which file or month, and what to do next, in words for a person."""


class SettingsError(SparkifyError):
    """A setting is missing or wrong; the message names it."""


class LakeError(SparkifyError):
    """The lake can't be listed or read."""


class FileChanged(LakeError):
    """A file of the lake is no longer the version that was listed."""


class WarehouseError(SparkifyError):
    """The warehouse can't be reached, or refused a statement."""


class TransactionLost(WarehouseError):
    """The warehouse gave a transaction up: nothing of it was committed, and the same may be tried again."""


class WarehouseBusy(WarehouseError):
    """Another process holds the warehouse; the message names it."""
