"""Every page once, for all tests that only look at them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import pytest

from tests.cast import Cast
from tests.pages.reading import Element, see
from tests.pages.tour import Stop, tour


class Visit(NamedTuple):
    """A stop, and how it was answered."""

    stop: Stop
    response: Any
    page: Element


@pytest.fixture(scope="module")
def visits(fresh_database: Callable[[], AbstractContextManager[str]]) -> list[Visit]:
    with fresh_database():
        answers = [(stop, stop.browser.get(stop.path)) for stop in tour(Cast())]
    return [Visit(stop, answer, see(answer)) for stop, answer in answers]
