"""The site under test as a process of its own, that waits for a request no longer than two seconds."""

from tests.live.site_settings import *  # noqa: F403

REQUEST_ARRIVES_WITHIN_S = 2.0
