"""Which files there are to import, each once: Markdown by its name, hidden files and folders left alone.

A folder that can't be looked into is among them, so that reading it says why.
"""

import os
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from eventstore.printable import on_a_line

ENDINGS = frozenset({".md", ".markdown"})


class NothingThere(Exception):
    """A path that leads to no Markdown."""


@dataclass(frozen=True, slots=True)
class MarkdownFile:
    """Where a file is, and the name that tells it from all others of its author."""

    path: Path
    parts: tuple[str, ...]
    """What the folder that was given is called, and the path below it."""

    @property
    def name(self) -> str:
        return _storable(unicodedata.normalize("NFC", "/".join(self.parts)))

    @property
    def folder(self) -> str:
        """The folder below the one that was given; empty if the file is in that one itself."""
        return self.parts[-2] if len(self.parts) > 2 else ""  # noqa: PLR2004

    @property
    def home(self) -> str:
        """The folder that the file is in."""
        return self.parts[-2]


def _storable(name: str) -> str:
    """The name in UTF-8, which a name on a disk need not be."""
    return name.encode("utf-8", "backslashreplace").decode()


def found(paths: Iterable[Path], called: str = "") -> list[MarkdownFile]:
    """The Markdown files at these paths and below, in the order of their names.

    `called` is what a folder was called before. Raises `NothingThere` for the first path without any.
    """
    once: dict[str, MarkdownFile] = {}
    for path in paths:
        for file in _at(path, called):
            once.setdefault(os.path.realpath(file.path), file)
    return list(once.values())


def _at(path: Path, called: str) -> list[MarkdownFile]:
    place = Path(os.path.abspath(path))  # noqa: PTH100  a link keeps its own name
    if not _leads_somewhere(place):
        raise NothingThere(f"there is no {on_a_line(str(path))}")
    if _is_folder(place):
        files = list(_below(place, _parts(called or place.name), [place]))
    else:
        home = _parts(called or place.parent.name)
        files = [MarkdownFile(place, (*home, place.name))] if _is_markdown(place) else []
    if not files:
        raise NothingThere(f"there is no Markdown (*.md, *.markdown) in {on_a_line(str(path))}")
    return files


def _parts(called: str) -> tuple[str, ...]:
    return tuple(filter(None, called.split("/"))) or ("",)


def _below(folder: Path, parts: tuple[str, ...], within: list[Path]) -> Iterator[MarkdownFile]:
    """What is in a folder and below. `within` are the folders that led here: a link may lead in circles."""
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError:
        yield MarkdownFile(folder, (*parts, "."))
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if not _is_folder(entry):
            yield from [MarkdownFile(entry, (*parts, entry.name))] if _is_markdown(entry) else []
        elif not any(entry.samefile(outer) for outer in within):
            yield from _below(entry, (*parts, entry.name), [*within, entry])


def _is_markdown(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS


def _leads_somewhere(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False
