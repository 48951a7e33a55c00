"""Who is told when something goes wrong.

What belongs here: the variables that name the channels, and the address of the UI that alerts link to.
What doesn't: what deserves an alert, and sending it (``alerts``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sparkify_dagster.errors import SettingsError
from sparkify_dagster.settings.values import Secret, is_loopback

_HOST = r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])"
_PORT = r"(?::([0-9]{1,5}))?"
_WEBHOOK = re.compile(rf"(https?)://{_HOST}{_PORT}/[!-~]+")
_UI = re.compile(rf"https?://{_HOST}{_PORT}(?:/[A-Za-z0-9._~/-]*)?")
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}")
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Who is told.

    Attributes:
        slack_webhook: The address of an incoming webhook of Slack: whoever knows it can write there.
        sns_topic: The ARN of a topic of SNS.
        ui_url: Where people reach the UI, without a last slash.
    """

    slack_webhook: Secret | None
    sns_topic: str | None
    ui_url: str | None


def read_alerts(values: Mapping[str, str]) -> AlertSettings:
    """Reads and validates who is told.

    Raises:
        SettingsError: A setting is wrong; the message names it, and repeats nothing of it that may be a secret.
    """
    return AlertSettings(_slack_webhook(values), _sns_topic(values), _ui_url(values))


def _slack_webhook(values: Mapping[str, str]) -> Secret | None:
    url = values.get("SPARKIFY_SLACK_WEBHOOK")
    if not url:
        return None
    parts = _WEBHOOK.fullmatch(url)
    if not parts or int(parts[3] or 0) > _LAST_PORT:
        raise SettingsError(
            "SPARKIFY_SLACK_WEBHOOK is no webhook's URL: it is like https://hooks.slack.com/services/…."
        )
    if parts[1] == "http" and not is_loopback(parts[2].strip("[]")):
        raise SettingsError("SPARKIFY_SLACK_WEBHOOK is a secret, and http:// would show it to others: use https://.")
    return Secret(url)


def _sns_topic(values: Mapping[str, str]) -> str | None:
    arn = values.get("SPARKIFY_SNS_TOPIC")
    if not arn:
        return None
    if arn.endswith(".fifo"):
        raise SettingsError("SPARKIFY_SNS_TOPIC is a FIFO topic, which reaches no person: use a standard one.")
    if not _TOPIC.fullmatch(arn):
        # Not repeated: what is pasted here may be the webhook.
        raise SettingsError("SPARKIFY_SNS_TOPIC is no topic's ARN: it is like arn:aws:sns:eu-west-1:123456789012:name.")
    return arn


def _ui_url(values: Mapping[str, str]) -> str | None:
    url = values.get("SPARKIFY_UI_URL")
    if not url:
        return None
    parts = _UI.fullmatch(url)
    if not parts or int(parts[2] or 0) > _LAST_PORT:
        # Not repeated: an address may hold a password.
        raise SettingsError("SPARKIFY_UI_URL is no address of the UI: it is like https://dagster.example.org.")
    return url.rstrip("/")
