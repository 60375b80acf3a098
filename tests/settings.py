"""The settings under test: a database of their own without fsync, quick passwords, plain static names."""

import os

from conduit import databases
from conduit.settings import *  # noqa: F403
from conduit.settings import PLAIN_NAMES, STORAGES, VAR

SECRET_KEY = "only for tests"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
DATABASES = {"default": databases.from_environment(VAR / "test-postgres", durable=False)}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": PLAIN_NAMES}}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
# Two runs at once in one checkout need names that differ: TEST_RUN=mine make test
DATABASES["default"]["TEST"] = {"NAME": "_".join(filter(None, ("test_conduit", os.environ.get("TEST_RUN"))))}
