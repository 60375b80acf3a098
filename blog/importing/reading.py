"""A file's bytes as text, or the reason why it can't be an article."""

import stat
from pathlib import Path
from typing import Any, get_args

from blog.commands import Body
from eventstore.text import Text

FRONT_MATTER = 16 * 1024


def most(kind: Any) -> int:
    """How many characters a text of this kind may have, such as `Title`."""
    return next(rule.most for rule in get_args(kind) if isinstance(rule, Text))


LARGEST = 4 * most(Body) + FRONT_MATTER
"""Bytes: a character has at most four of them."""

UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Unfit(Exception):
    """Why a file can't be imported, in words that follow its name: "empty"."""


def text_of(path: Path) -> str:
    """The text of a file, with line feeds at its line ends; raises `Unfit`."""
    content = _content(path)
    if content.startswith(UTF_16):
        raise Unfit("UTF-16, not UTF-8")
    if b"\0" in content:
        raise Unfit("binary, not text")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unfit(f"not UTF-8 (line {line})") from None
    if not text.strip():
        raise Unfit("empty")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _content(path: Path) -> bytes:
    """Never more than an article may have, and nothing that waits or has no end: only regular files."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise Unfit("a folder that can't be looked into")
        if not stat.S_ISREG(mode):
            raise Unfit("not a file")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise Unfit("a link that leads nowhere" if path.is_symlink() else "not there any more") from None
    except OSError as error:
        raise Unfit(f"can't be read: {(error.strerror or str(error)).lower()}") from None
    if len(content) > LARGEST:
        raise Unfit(f"too large (maximum is {most(Body):,} characters)")
    return content
