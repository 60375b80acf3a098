"""The site under test as a process of its own, with few seats."""

from tests.settings import *  # noqa: F403
from tests.settings import BASE_DIR

LIVE_SOCKETS, LIVE_SOCKETS_A_PERSON, LIVE_SOCKETS_AN_ADDRESS = 240, 4, 230
STATICFILES_FINDERS: list[str] = []  # nobody looks at a page
STATIC_ROOT = BASE_DIR / "static"
