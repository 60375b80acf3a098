"""What becomes of the site when the world around it is not as it should be. Files called test_long_… are for
`make stress` alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conduit import vital_signs


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """None leaves the decision to others."""
    long = collection_path.name.startswith("test_long_")
    return True if long and not config.getoption("--stress") else None


@pytest.fixture(autouse=True)
def _vital_signs_are_fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody is told how another test's database was a second ago."""
    monkeypatch.setattr(vital_signs.signs, "_fresh_s", 0.0)
    yield
    vital_signs.signs._answer = None
