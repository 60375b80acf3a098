"""The settings of the site that the browser visits: production's, with a page that breaks."""

import os
from pathlib import Path

from conduit.settings import *  # noqa: F403

ROOT_URLCONF = "tests.browser.site_urls"
STATIC_ROOT = Path(os.environ["STATIC_ROOT"])
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder"
]  # to compress the admin's takes seconds
