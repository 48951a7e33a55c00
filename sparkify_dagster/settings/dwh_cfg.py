"""The file ``dwh.cfg``, with which the warehouse used to be set up.

What belongs here: which of its options stands for which variable, and how its values are written.
What doesn't: what wins over it, and whether a value is right: both are as with any variable.

The file holds passwords. No error repeats anything of it, and none is chained to one that does.
"""

from configparser import Error, RawConfigParser
from pathlib import Path

from sparkify_dagster.errors import SettingsError

_NAMES = {
    ("cluster", "host"): "REDSHIFT_HOST",
    ("cluster", "db_name"): "REDSHIFT_DATABASE",
    ("cluster", "db_user"): "REDSHIFT_USER",
    ("cluster", "db_password"): "REDSHIFT_PASSWORD",
    ("cluster", "db_port"): "REDSHIFT_PORT",
    # What the cluster was made with; it counts only where CLUSTER says nothing, and so stands after it.
    ("dwh", "dwh_db"): "REDSHIFT_DATABASE",
    ("dwh", "dwh_db_user"): "REDSHIFT_USER",
    ("dwh", "dwh_db_password"): "REDSHIFT_PASSWORD",
    ("dwh", "dwh_port"): "REDSHIFT_PORT",
    ("dwh", "dwh_cluster_identifier"): "REDSHIFT_CLUSTER_IDENTIFIER",
    ("dwh", "dwh_cluster_type"): "SPARKIFY_CLUSTER_TYPE",
    ("dwh", "dwh_num_nodes"): "SPARKIFY_CLUSTER_NODES",
    ("dwh", "dwh_node_type"): "SPARKIFY_CLUSTER_NODE_TYPE",
    ("dwh", "dwh_iam_role_name"): "SPARKIFY_CLUSTER_ROLE",
    ("iam_role", "arn"): "REDSHIFT_IAM_ROLE_ARN",
    ("s3", "log_data"): "SPARKIFY_LOG_DATA",
    ("s3", "log_jsonpath"): "SPARKIFY_LOG_JSONPATHS",
    ("s3", "song_data"): "SPARKIFY_SONG_DATA",
    ("aws", "key"): "AWS_ACCESS_KEY_ID",
    ("aws", "secret"): "AWS_SECRET_ACCESS_KEY",
    ("aws", "session_token"): "AWS_SESSION_TOKEN",
    ("aws", "region"): "AWS_DEFAULT_REGION",
}
_TAKEN_AS_WRITTEN = frozenset({"REDSHIFT_PASSWORD", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})
_QUOTES = ("'", '"')


def read_dwh_cfg(path: Path) -> dict[str, str]:
    """Gives the variables that the file stands for; empty options are left out.

    Raises:
        SettingsError: It can't be read; the message names ``SPARKIFY_DWH_CFG`` and the file.
    """
    options = _options(path)
    values: dict[str, str] = {}
    for option, name in _NAMES.items():
        value = _unquoted(options.get(option, ""))
        value = value if name in _TAKEN_AS_WRITTEN else value.strip()
        if value:
            values.setdefault(name, value)
    return values


def _options(path: Path) -> dict[tuple[str, str], str]:
    # Raw, because a password may hold a "%"; and "#" or ";" open a comment only where a line begins with them.
    parser = RawConfigParser()
    try:
        parser.read_string(_text(path))
    except Error as error:
        raise SettingsError(f"SPARKIFY_DWH_CFG names {path}, which is no dwh.cfg: {_place(error)}.") from None
    return {
        (section.lower(), option): value for section in parser.sections() for option, value in parser.items(section)
    }


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SettingsError(f"SPARKIFY_DWH_CFG names {path}, which is not there.") from None
    except OSError as error:
        raise SettingsError(f"SPARKIFY_DWH_CFG names {path}, which can't be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise SettingsError(f"SPARKIFY_DWH_CFG names {path}, which is no text in UTF-8.") from None
    return text


def _place(error: Error) -> str:
    # Several lines that are wrong come as a list, a single one that ends the reading as a number.
    lines = [line for line, _ in getattr(error, "errors", [])] or [getattr(error, "lineno", None)]
    if lines[0] is None:
        return "it can't be understood"
    return f"line {lines[0]} is neither [SECTION] nor NAME=value, or repeats one"


def _unquoted(text: str) -> str:
    """Takes off one pair of quotes: what is inside may hold more of them."""
    quoted = len(text) >= 2 and text[0] in _QUOTES and text[0] == text[-1]
    return text[1:-1] if quoted else text
