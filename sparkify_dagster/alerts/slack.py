"""Slack, by an incoming webhook; other chats that take the same messages, such as Mattermost, do as well.

What belongs here: writing an alert in Slack's markup, sending it, and what an answer means. What doesn't: the alert.

The webhook's URL is a secret. slack_sdk writes it into its log, and so gets a log that goes nowhere; an exception may
quote it, and so does an answer ("cannot POST /services/…"): of neither comes anything over but its kind or its code.
"""

import logging
import re
import ssl
from urllib.error import URLError

from sparkify_dagster.alerts.alert import Alert
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.settings import Secret

SECONDS_TO_WAIT = 10
"""For a connection, and for an answer. One message a tick, which has 60 s."""

_SIGNS = {"error": ":red_circle:", "warning": ":warning:"}
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_CALLS = re.compile(r"@(?=(?:channel|here|everyone|all)\b)", re.IGNORECASE)
_CODE = re.compile(r"[a-z]+(?:_[a-z]+)+")
_WRONG_WEBHOOK = frozenset({400, 401, 403, 404, 405, 410})


class SlackChannel:
    """A channel of Slack."""

    name = "slack"

    def __init__(self, webhook: Secret) -> None:
        self._webhook = webhook

    def send(self, alert: Alert) -> None:
        """Writes into the channel.

        Raises:
            SparkifyError: Slack did not take it, or nobody knows; the message does not hold the webhook.
        """
        # It takes a while, and most ticks send nothing.
        from slack_sdk.http_retry.builtin_handlers import (  # noqa: PLC0415
            ConnectionErrorRetryHandler,
            ServerErrorRetryHandler,
        )
        from slack_sdk.webhook import WebhookClient  # noqa: PLC0415

        silent = logging.Logger("slack_sdk", level=logging.CRITICAL + 1)  # noqa: LOG001 one that no setting turns on
        # At once, only what may pass in a second is tried again: the next tick comes soon.
        broken_off: list[type[Exception]] = [ConnectionError]
        handlers = [ConnectionErrorRetryHandler(error_types=broken_off), ServerErrorRetryHandler()]
        client = WebhookClient(self._webhook.reveal(), timeout=SECONDS_TO_WAIT, logger=silent, retry_handlers=handlers)
        # Without a proxy of its own choice, Python's applies, which heeds NO_PROXY.
        client.proxy = None
        try:
            answer = client.send(text=slack_text(alert), unfurl_links=False, unfurl_media=False)
        except Exception as error:
            raise SparkifyError(f"Slack can't be reached: {_in_words(error)}") from None
        if problem := _problem(answer.status_code, answer.body or ""):
            raise SparkifyError(f"Slack did not take the message: {problem}")


def slack_text(alert: Alert) -> str:
    """An alert in Slack's markup, in which nothing that comes from elsewhere is markup, or calls anybody."""
    link = [f"<{alert.link}|Look into it>"] if alert.link else []
    lines = [f"{_SIGNS[alert.severity]} *{_plain(alert.title)}*", *map(_plain, alert.lines), *link]
    return "\n".join(lines)


def _plain(text: str) -> str:
    # An invisible character keeps "@channel" from being heard, where a chat hears it in plain text.
    return _CALLS.sub("@\u200b", text).translate(_MARKUP)


def _in_words(error: Exception) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return f"no answer within {SECONDS_TO_WAIT} s. Check the network, and HTTPS_PROXY"
    if isinstance(reason, ssl.SSLError):
        return "the certificate is not trusted. Check SPARKIFY_SLACK_WEBHOOK, and SSL_CERT_FILE"
    if isinstance(reason, OSError) and reason.strerror:
        return f"{reason.strerror}. Check SPARKIFY_SLACK_WEBHOOK, the network, and HTTPS_PROXY"
    return f"the connection broke off, or the answer made no sense ({type(reason).__name__})"


def _problem(status: int, body: str) -> str | None:
    """Why a message was not taken; None where it was."""
    code = f" {body}" if _CODE.fullmatch(body) and len(body) <= 40 else ""
    if 200 <= status < 300:
        # A proxy's page for logging in must not look like Slack.
        page = body.lstrip().startswith("<")
        return "what answers is not Slack. Check SPARKIFY_SLACK_WEBHOOK, and HTTPS_PROXY" if page else None
    if status == 429:
        return "it asks for a pause (429)"
    if status in _WRONG_WEBHOOK:
        return f"it answers {status}{code}. Check that the webhook of SPARKIFY_SLACK_WEBHOOK is still there"
    return f"it answers {status}{code}"
