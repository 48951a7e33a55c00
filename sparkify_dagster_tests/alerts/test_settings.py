"""The settings that say who is told, and that the webhook is a secret wherever they come by."""

import subprocess
import sys
import traceback
from pathlib import Path

import dagster as dg
import pytest

from sparkify_dagster.cli.setting_rows import setting_rows
from sparkify_dagster.errors import SettingsError
from sparkify_dagster.settings import read_settings
from sparkify_dagster_tests.alerts.receiver import TOKEN, Receiver, Reply
from sparkify_dagster_tests.alerts.told import Told

WEBHOOK = f"https://hooks.slack.com/services/{TOKEN}"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts"


def test_nobody_is_told_with_nothing_set(tmp_path: Path) -> None:
    for environment in ({}, {"SPARKIFY_SLACK_WEBHOOK": "", "SPARKIFY_SNS_TOPIC": "", "SPARKIFY_UI_URL": ""}):
        alerts = read_settings(environment, tmp_path).alerts
        assert (alerts.slack_webhook, alerts.sns_topic, alerts.ui_url) == (None, None, None)


@pytest.mark.parametrize(
    "url",
    [
        WEBHOOK,
        "https://chat.example.org:8065/hooks/abc?x=1",
        "http://127.0.0.1:8080/hook",
        "http://[::1]:8080/hook",
        "http://localhost/hook",
    ],
)
def test_webhooks_are_taken(url: str, tmp_path: Path) -> None:
    webhook = read_settings({"SPARKIFY_SLACK_WEBHOOK": url}, tmp_path).alerts.slack_webhook

    assert webhook is not None
    assert webhook.reveal() == url


def test_topics_and_addresses_of_the_ui_are_taken(tmp_path: Path) -> None:
    for topic in (TOPIC, "arn:aws-cn:sns:cn-north-1:123456789012:Alerts_1"):
        assert read_settings({"SPARKIFY_SNS_TOPIC": topic}, tmp_path).alerts.sns_topic == topic
    for url in ("http://127.0.0.1:3000", "https://example.org/dagster"):
        assert read_settings({"SPARKIFY_UI_URL": f"{url}/"}, tmp_path).alerts.ui_url == url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SPARKIFY_SLACK_WEBHOOK", TOKEN),
        ("SPARKIFY_SLACK_WEBHOOK", f"ftp://hooks.slack.com/services/{TOKEN}"),
        ("SPARKIFY_SLACK_WEBHOOK", f"http://hooks.slack.com/services/{TOKEN}"),
        ("SPARKIFY_SLACK_WEBHOOK", f"http://127.0.0.1.example.org/{TOKEN}"),
        ("SPARKIFY_SLACK_WEBHOOK", f"http://localhost@example.org/{TOKEN}"),
        ("SPARKIFY_SLACK_WEBHOOK", f"https://user:planted@example.org/{TOKEN}"),
        ("SPARKIFY_SLACK_WEBHOOK", f"https://example.org:99999/{TOKEN}"),
        ("SPARKIFY_SLACK_WEBHOOK", "https://hooks.slack.com"),
        ("SPARKIFY_SLACK_WEBHOOK", f"{WEBHOOK}\n"),
        ("SPARKIFY_SLACK_WEBHOOK", f"{WEBHOOK} {WEBHOOK}"),
        ("SPARKIFY_SNS_TOPIC", WEBHOOK),
        ("SPARKIFY_SNS_TOPIC", "alerts"),
        ("SPARKIFY_SNS_TOPIC", "arn:aws:sqs:eu-west-1:123456789012:alerts"),
        ("SPARKIFY_SNS_TOPIC", f"{TOPIC}.fifo"),
        ("SPARKIFY_SNS_TOPIC", f"{TOPIC}:0c3b1f5e-subscription"),
        ("SPARKIFY_UI_URL", "dagster.example.org"),
        ("SPARKIFY_UI_URL", "https://user:planted@example.org"),
        ("SPARKIFY_UI_URL", "https://example.org/?x=planted"),
        ("SPARKIFY_UI_URL", "https://example.org/|planted>"),
    ],
)
def test_a_wrong_value_gets_one_line_that_names_the_setting_and_repeats_no_secret(
    name: str, value: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=name) as refusal:
        read_settings({name: value}, tmp_path)

    assert "\n" not in str(refusal.value)
    assert "planted" not in "".join(traceback.format_exception(refusal.value)).lower()


def test_sparkify_config_masks_the_webhook(tmp_path: Path) -> None:
    settings = read_settings({"SPARKIFY_SLACK_WEBHOOK": WEBHOOK, "SPARKIFY_SNS_TOPIC": TOPIC}, tmp_path)

    rows = dict(setting_rows(settings))
    assert rows["SPARKIFY_SLACK_WEBHOOK"] == "********"
    assert rows["SPARKIFY_SNS_TOPIC"] == TOPIC
    assert "PLANTED" not in repr(settings)


def test_nothing_that_dagster_keeps_or_says_holds_the_webhook(
    lake_folder: Path,
    tmp_path: Path,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level("DEBUG")
    # Slack's library would log the address of each message, were it allowed to.
    told = Told(lake_folder, tmp_path, SPARKIFY_SLACK_WEBHOOK=receiver.url)
    home = tmp_path / "dagster"
    home.mkdir()
    with dg.DagsterInstance.local_temp(str(home)) as told.instance:
        said = [told.tick()]
        told.instance.report_run_failed(
            told.instance.create_run_for_job(told.definitions.resolve_job_def("load_catalogue"))
        )
        receiver.always = Reply(404, "Cannot POST {path}")
        said.append(told.tick())
        receiver.always = None
        said.append(told.tick())

    assert len(receiver.messages) == 1
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"load_catalogue" in kept
    out, err = capfd.readouterr()
    channels = (told.definitions.resources or {})["channels"]
    shown = [*said, str(told.cursors), caplog.text, out, err, repr(channels), str(vars(channels))]
    assert "plantedSECRET" not in "".join(shown)
    assert b"plantedSECRET" not in kept


def test_what_sends_is_imported_only_when_something_is_sent(tmp_path: Path) -> None:
    code = (
        "import sys; from sparkify_dagster.definitions import defs; d = defs()\n"
        "assert 'alerts_to_slack' in str([s.name for s in d.sensors])\n"
        "sys.exit('boto3' in sys.modules or 'slack_sdk' in sys.modules)"
    )
    root = str(Path(__file__).parent.parent.parent)
    environment = {"PYTHONPATH": root, "SPARKIFY_SLACK_WEBHOOK": WEBHOOK, "SPARKIFY_SNS_TOPIC": TOPIC}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, check=False)

    assert done.returncode == 0, done.stderr.decode()
