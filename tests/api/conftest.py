"""Programs that speak for the cast, by tokens that logging in gave them."""

import pytest

from tests.api.program import Program


@pytest.fixture
def visitor(database):
    """A program without a token."""
    return Program()


@pytest.fixture
def jake(cast):
    return Program(cast.jake)


@pytest.fixture
def jane(cast):
    return Program(cast.jane)


@pytest.fixture
def mallory(cast):
    return Program(cast.mallory)
