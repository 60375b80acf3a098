"""The log under fire: writers, crashes and outages all at once. `make test` runs the short form of every test
here, `make stress` the long one."""

import pytest


@pytest.fixture(scope="session")
def long(request: pytest.FixtureRequest) -> bool:
    """Whether the long form was asked for."""
    return bool(request.config.getoption("--stress"))
