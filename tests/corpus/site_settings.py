"""The site under attack: as it is run in production, but for quick passwords and plain static names."""

from tests.settings import *  # noqa: F403
from tests.settings import BASE_DIR

WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = False
STATICFILES_FINDERS: list[str] = []  # nobody looks at a page
STATIC_ROOT = BASE_DIR / "static"
REQUEST_ARRIVES_WITHIN_S = 2.0
