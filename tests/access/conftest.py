"""One world for all tests of this package: whatever they try, what others are about stays as it is."""

import pytest

from tests.access.world import World


@pytest.fixture(scope="package")
def world(fresh_database):
    with fresh_database("access"):
        yield World()
