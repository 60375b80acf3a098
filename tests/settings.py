"""The settings under test: a database of their own without fsync, quick passwords, plain static names."""

import os
import shutil
from hashlib import blake2b
from pathlib import Path

from conduit import databases
from conduit.settings import *  # noqa: F403
from conduit.settings import PLAIN_NAMES, STORAGES, VAR

MEMORY, ENOUGH = Path("/dev/shm"), 4 * 1024**3


def home() -> Path:
    """In memory if there is room: each test gets a copy of a database, and that is 300 files."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ENOUGH:
        return VAR / "test-postgres"
    checkout = blake2b(str(VAR).encode(), digest_size=4).hexdigest()
    return MEMORY / f"conduit-{os.getuid()}-{checkout}" / "test-postgres"


SECRET_KEY = "only for tests"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
DATABASES = {"default": databases.from_environment(home(), durable=False)}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": PLAIN_NAMES}}
API_RATE_LIMITS = False
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
# Two runs at once in one checkout need names that differ: TEST_RUN=mine make test
DATABASES["default"]["TEST"] = {"NAME": "_".join(filter(None, ("test_conduit", os.environ.get("TEST_RUN"))))}
