"""Drafts become commands. What is here already is found by the file's name, then by the very same text."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import md5, sha256
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

from blog import queries
from blog.commands import EditArticle, PublishArticle
from blog.events import ArticleDeleted
from blog.importing.drafts import Draft, Skipped, date_of, drafted
from blog.importing.files import MarkdownFile
from blog.importing.reading import Unfit, text_of
from eventstore import log, text
from eventstore.acting import Acting, act
from eventstore.claims import holder
from eventstore.dispatch import CommandIdReused, TooBusy, dispatch
from eventstore.ids import derived
from eventstore.log import Fact
from eventstore.messages import Rejection

PUBLISHED, EDITED, UNCHANGED, SKIPPED, FAILED = "published", "edited", "unchanged", "skipped", "failed"
OUTCOMES = (PUBLISHED, EDITED, UNCHANGED, SKIPPED, FAILED)
TAKEN_DOWN = "its author took it down"
DERIVED = 5
"""The version of a UUID that is derived; what is asked for on the site has one of another version."""


class Outcome(NamedTuple):
    """What became of a file, and where or why."""

    file: MarkdownFile
    what: str
    detail: str = ""


def author_known_as(name: str) -> UUID | None:
    """Whose name or address this is, in any spelling."""
    if text.NEVER.search(name):
        return None
    kind, key = ("email", name.casefold()) if "@" in name else ("username", text.identity(name))
    stream = holder(kind, key)
    return UUID(stream.removeprefix("user-")) if stream else None


class Copy(NamedTuple):
    """What a file is in the log: the article that its name amounts to, and its present text."""

    article_id: UUID
    digest: str

    def command_id(self, version: int) -> UUID:
        """The id of the command that makes the article say this text, as its nth version."""
        return derived("import", self.article_id, version, self.digest)

    def was_the_last(self, past: Iterable[Fact]) -> bool:
        """Whether the last import of the article, whatever was done here since, was of this very text."""
        last = next((fact for fact in past if fact.command_id.version == DERIVED), None)
        return last is not None and last.command_id == self.command_id(last.version)


class Importer:
    """One run, for one author."""

    def __init__(self, author_id: UUID, *, dry_run: bool = False) -> None:
        self._author_id, self._dry_run, self._now = author_id, dry_run, datetime.now(UTC)
        self._on_behalf = Acting(actor=lambda: author_id)
        self._slugs = queries.slugs_by_text(author_id)
        self._names: set[str] = set()

    def run(self, files: list[MarkdownFile]) -> Iterator[Outcome]:
        """Imports files one by one, the oldest articles first: that is the order in which they are listed."""
        for file in sorted(files, key=lambda file: date_of(file, self._now)):
            with act(self._on_behalf):
                outcome = self._outcome(file)
            yield outcome

    def _outcome(self, file: MarkdownFile) -> Outcome:
        try:
            return self._import(file, text_of(file.path))
        except Skipped as reason:
            return Outcome(file, SKIPPED, str(reason))
        except Unfit as reason:
            return Outcome(file, FAILED, str(reason))
        except Rejection as refusal:
            return Outcome(file, FAILED, f"{refusal.field} {refusal}".strip())
        except TooBusy as busy:
            return Outcome(file, FAILED, str(busy) or str(TooBusy.__doc__))

    def _import(self, file: MarkdownFile, words: str) -> Outcome:
        if file.name in self._names:
            raise Unfit("another file of this run has this name; import the two folders apart, with --as")
        self._names.add(file.name)
        copy = Copy(derived("import", self._author_id, file.name), sha256(words.encode()).hexdigest())
        past = log.read_stream_backwards(f"article-{copy.article_id}")
        latest = next(past, None)
        if latest is None:
            return Outcome(file, PUBLISHED, self._publish(copy, drafted(file, words, self._now)))
        if isinstance(latest.event, ArticleDeleted):
            raise Skipped(TAKEN_DOWN)
        if copy.was_the_last(chain([latest], past)):
            return Outcome(file, UNCHANGED)
        edited = self._edit(copy, drafted(file, words, self._now), latest.version)
        return Outcome(file, EDITED if edited else UNCHANGED)

    def _publish(self, copy: Copy, draft: Draft) -> str:
        """Publishes a draft; the slug that it got."""
        key = draft.title, md5(draft.body.encode(), usedforsecurity=False).hexdigest()
        if key in self._slugs:
            slug = self._slugs[key]
            raise Skipped(f"the same text is at /article/{slug}" if slug else TAKEN_DOWN)
        command = PublishArticle(
            article_id=copy.article_id,
            author_id=self._author_id,
            slug=draft.slug,
            title=draft.title,
            description=draft.description,
            body=draft.body,
            tags=draft.tags,
            written_at=draft.written_at,
        )
        events = self._send(command, copy.command_id(1))
        slug = self._slugs[key] = events[0].slug if events else draft.slug
        return slug

    def _edit(self, copy: Copy, draft: Draft, version: int) -> bool:
        """Makes an article say what the file says; False if it does already."""
        command = EditArticle(
            article_id=copy.article_id,
            author_id=self._author_id,
            slug=draft.slug,
            title=draft.title,
            description=draft.description,
            body=draft.body,
            tags=draft.tags,
            expected_version=version,
        )
        try:
            return bool(self._send(command, copy.command_id(version + 1))) or self._dry_run
        except CommandIdReused:
            # This very text came in before, when the article was what it is now, and changed nothing.
            return False

    def _send(self, command: PublishArticle | EditArticle, command_id: UUID) -> tuple[Any, ...]:
        """What happened; nothing in a dry run, which meets the gate and goes no further."""
        text.check(command)
        return () if self._dry_run else dispatch(command, id=command_id).events
