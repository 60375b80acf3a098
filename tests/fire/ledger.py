"""Clients that keep a ledger of what they were told about every command, to be compared with the log.

A client's nth errand is the same command with the same id whoever runs it, so that it can be sent again.
"""

import os
import random
import signal
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path

from django.db import InterfaceError, OperationalError, close_old_connections

from accounts.commands import RegisterUser
from accounts.registration import register
from blog.commands import CommentOnArticle, EditArticle, FavoriteArticle, PublishArticle
from eventstore.dispatch import TooBusy, dispatch
from eventstore.ids import derived
from eventstore.messages import Rejection
from tests.cast import PASSWORD
from tests.eventstore.tools import ask
from tests.fire.outage import leave

OK, REFUSED, UNKNOWN = "ok", "refused", "unknown"
TROUBLE = (OperationalError, InterfaceError, TooBusy)
AUTHOR, ARTICLE = derived("author"), derived("article")
KINDS = 6
STRANGER = 5
"""The kind of errand that is always refused."""


@dataclass(frozen=True, slots=True)
class Errand:
    client: int
    nth: int

    @property
    def id(self):
        return derived("errand", self.client, self.nth)

    @property
    def fate(self):
        """What comes of it in the end."""
        return REFUSED if self.nth % KINDS == STRANGER else OK

    def run(self):
        """What the client is told."""
        try:
            self._send()
        except Rejection:
            return REFUSED
        except TROUBLE:
            return UNKNOWN
        return OK

    def _send(self):
        name, new = f"c{self.client}n{self.nth}", derived("new", self.client, self.nth)
        if self.nth % KINDS == 0:
            register(
                RegisterUser(user_id=new, username=name, email=f"{name}@conduit.example"), PASSWORD, self.id
            )
        else:
            dispatch(self._command(name, new), id=self.id)

    def _command(self, name, new):
        match self.nth % KINDS:
            case 1:
                return published(new, f"Chapter {self.nth}")  # every client claims this slug
            case 2:
                return CommentOnArticle(comment_id=new, article_id=ARTICLE, author_id=new, body=name)
            case 3:
                return FavoriteArticle(article_id=ARTICLE, reader_id=new)
            case 4:
                return EditArticle(
                    article_id=ARTICLE, author_id=AUTHOR, body=name
                )  # every client, one stream
            case _:
                return EditArticle(article_id=ARTICLE, author_id=new, body=name)


def published(article_id, title):
    words = {"slug": title.lower().replace(" ", "-"), "title": title, "description": "How?", "body": "So."}
    return PublishArticle(article_id=article_id, author_id=AUTHOR, tags=("fire",), **words)


class Clients:
    """Processes that run errands, one after the other, until they are told to stop or killed."""

    def __init__(self, folder):
        self.folder, self._enough = Path(folder), mmap(-1, 1)
        self._alive, self._started = [], 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        while self._alive:
            self.kill_the_eldest()

    def start(self):
        leave()
        child = os.fork()
        if child == 0:
            self._run(self._started)
        self._alive.append(child)
        self._started += 1

    def kill_the_eldest(self):
        eldest = self._alive.pop(0)
        os.kill(eldest, signal.SIGKILL)
        os.waitpid(eldest, 0)

    def stop(self):
        """Each ends after the errand that it is on, of itself."""
        self._enough[0] = 1
        while self._alive:
            _, status = os.waitpid(self._alive.pop(), 0)
            assert os.waitstatus_to_exitcode(status) == 0

    def ledger(self):
        """What each client was told about each errand. The last one of who was killed may have been sent."""
        told = {}
        for client in range(self._started):
            lines = (self.folder / f"{client}").read_text().splitlines()
            told |= {Errand(client, nth): line for nth, line in enumerate(lines)}
            told.setdefault(Errand(client, len(lines)), UNKNOWN)
        return told

    def _run(self, client):
        """In the child, which never returns."""
        chance = random.Random(client)
        try:
            with (self.folder / f"{client}").open("w", buffering=1) as ledger:
                nth = 0
                while not self._enough[0]:
                    close_old_connections()
                    ledger.write(f"{Errand(client, nth).run()}\n")
                    nth += 1
                    time.sleep(chance.random() * 0.02)
            os._exit(0)
        except BaseException:
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(1)


def stored():
    """How many times each command was accepted, and how many facts have its id."""
    accepted = ask("SELECT id, count(*)::int FROM eventstore_command WHERE outcome = 'accepted' GROUP BY id")
    facts = ask("SELECT command_id, count(*)::int FROM eventstore_event GROUP BY command_id")
    return Counter(dict(accepted)), Counter(dict(facts))


def discrepancies(told):
    """Errands that the log knows otherwise than their clients: with what they were told, and what is stored."""
    accepted, facts = stored()
    allowed = {OK: {(1, 1)}, REFUSED: {(0, 0)}, UNKNOWN: {(0, 0), (1, 1)}}
    found = {errand: (accepted[errand.id], facts[errand.id]) for errand in told}
    return {each: (what, found[each]) for each, what in told.items() if found[each] not in allowed[what]}
