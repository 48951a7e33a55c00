"""The channels by which people are told, as a resource. It imports what sends only when something is sent.

What belongs here: which channels there are. What doesn't: sending.
"""

from abc import abstractmethod
from collections.abc import Mapping

import dagster as dg

from sparkify_dagster.alerts import Channel
from sparkify_dagster.alerts.slack import SlackChannel
from sparkify_dagster.alerts.sns import SnsChannel
from sparkify_dagster.settings import AlertSettings


class ChannelsResource(dg.ConfigurableResource):
    """The channels."""

    @abstractmethod
    def get(self) -> Mapping[str, Channel]:
        """The channels, by name."""


def channels_resource(alerts: AlertSettings) -> ChannelsResource:
    """The channels that the settings name."""
    chosen: list[Channel] = []
    if alerts.slack_webhook:
        chosen.append(SlackChannel(alerts.slack_webhook))
    if alerts.sns_topic:
        chosen.append(SnsChannel(alerts.sns_topic))

    class ChosenChannels(ChannelsResource):
        """The channels by which people are told of what goes wrong: those that the settings name, if any."""

        # They are no configuration of it: Dagster keeps and shows that, and the webhook is a secret.

        def get(self) -> Mapping[str, Channel]:
            return {channel.name: channel for channel in chosen}

    return ChosenChannels()
