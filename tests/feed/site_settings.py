"""The site under test as a process of its own: quick to tell that it lives, quick to lose patience, few seats."""

from tests.settings import *  # noqa: F403

FEED_CLIENTS = 205
FEED_STREAMS_AN_ADDRESS = 0
FEED_HEARTBEAT_S = 0.5
FEED_SEND_S = 2.0
