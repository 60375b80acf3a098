"""The post: mails are made and sent after the answer, one at a time, by a thread that no request waits for.

What takes its time here tells nobody anything. A mail that can't be sent leaves a line in the log, without its address.
"""

import atexit
import logging
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from queue import Full, Queue

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connections
from django.template.loader import render_to_string

from eventstore.dispatch import TooBusy

MOST_WAITING = 100
PAUSE_S = 0.05
"""By then the answer has left: what the work costs can't be told from how long that took."""

FAREWELL_S = 5.0
NOWHERE = "django.core.mail.backends.dummy.EmailBackend"
PRINTED = "django.core.mail.backends.console.EmailBackend"

logger = logging.getLogger(__name__)

Work = Callable[[], None]


class Post:
    """Work that waits its turn: so much of it, and no more."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._waiting: Queue[tuple[float, Work]] = Queue(most)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def later(self, work: Work) -> None:
        """Does it soon, on behalf of whoever is acting; `TooBusy` if too much is waiting."""
        try:
            self._waiting.put_nowait((time.monotonic() + PAUSE_S, partial(copy_context().run, work)))
        except Full:
            raise TooBusy from None
        self._begin()

    def _begin(self) -> None:
        """The thread, where there is none yet: a process that was forked has none of its parent's."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work_on, name="post", daemon=True)
                self._thread.start()

    def _work_on(self) -> None:
        while True:
            due, work = self._waiting.get()
            try:
                time.sleep(max(0.0, due - time.monotonic()))
                work()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next one waits
                # Not what it says: servers repeat the address that they refuse.
                logger.warning("a mail was not sent: %s", type(error).__name__)
            finally:
                connections.close_all()
                self._waiting.task_done()

    def wait(self, within_s: float) -> bool:
        """Waits until all is done; whether it is, in time."""
        deadline = time.monotonic() + within_s
        with self._waiting.all_tasks_done:
            while self._waiting.unfinished_tasks and (left_s := deadline - time.monotonic()) > 0:
                self._waiting.all_tasks_done.wait(left_s)
            return not self._waiting.unfinished_tasks


post = Post()
atexit.register(post.wait, FAREWELL_S)


def is_open() -> bool:
    """Whether this site sends mail at all."""
    return settings.EMAIL_BACKEND != NOWHERE


def is_printed() -> bool:
    """Whether mails come to whoever runs the site, and to nobody else."""
    return settings.EMAIL_BACKEND == PRINTED


def send(address: str, subject: str, template: str, **words: object) -> None:
    """Sends a mail now; takes as long as it takes."""
    text = render_to_string(template, {**words, "site": settings.SITE_ADDRESS})
    EmailMessage(subject, text, to=[address]).send()
