"""The site under test as it is run: its own key, limits on, and a way to break in the middle of its work."""

from pathlib import Path

from conduit import environment
from tests.settings import *  # noqa: F403
from tests.settings import MIDDLEWARE

SECRET_KEY = environment.secret_key(Path())
MIDDLEWARE = [*MIDDLEWARE, "tests.secrets.breaking.breaks"]
EMAIL_TIMEOUT = 2
