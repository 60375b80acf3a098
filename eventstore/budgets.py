"""How often something may be tried: counts in the database, for all processes together, by the database's clock.

Whoever is counted stands there as a keyed digest. A count stands at once: what is rolled back later was tried as well.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.utils.crypto import salted_hmac

from eventstore.database import execute, rows, sql
from eventstore.messages import Rejection
from eventstore.seldom import Seldom

DIGEST_BYTES = 16
TIDY = b"""
DELETE FROM eventstore_spending WHERE key IN (
    SELECT key FROM eventstore_spending
    WHERE clock_timestamp() NOT BETWEEN began - interval '1 second' AND ends FOR UPDATE SKIP LOCKED)
"""
MINUTE = 60
HOUR = 60 * MINUTE


class Limit(NamedTuple):
    """So often in so many seconds, which begin with the first time."""

    most: int
    seconds: int


class Counter(NamedTuple):
    """What is counted ("sign-in account"), whose it is, and how often it may be."""

    what: str
    who: str
    limit: Limit

    @property
    def key(self) -> bytes:
        """Tells nothing of who it is to whoever reads the table."""
        said = f"{self.what} {self.who}".encode(errors="surrogatepass")
        return salted_hmac("eventstore.budgets", said, algorithm="sha256").digest()[:DIGEST_BYTES]


class TooMany(Rejection):
    """Too many tries. Please wait a little, then try again."""

    def __init__(self, counter: Counter, retry_after_s: int) -> None:
        super().__init__(f"Too many tries. Please try again in {_in_words(retry_after_s)}.")
        self.what, self.retry_after_s = counter.what, retry_after_s


tidy = Seldom(MINUTE)


@dataclass(slots=True)
class Spent:
    """What was counted for one try, and in which windows."""

    counted: list[tuple[bytes, datetime]] = field(default_factory=list)

    def give_back(self) -> None:
        """Takes this try, and no other, out of the counts again: it was a good one."""
        for key, began in self.counted:
            execute(sql("give_back"), {"key": key, "began": began})
        self.counted.clear()


def spend(*counters: Counter) -> Spent:
    """Counts a try by each of these, before it is made; `TooMany` from the first that allows no more.

    What was counted before that one is given back. A statement each. Call it outside of any transaction.
    """
    if tidy.is_due():
        execute(TIDY)
    spent = Spent()
    for counter in counters:
        [(count, began, left_s)] = rows(sql("spend"), {"key": counter.key, **counter.limit._asdict()})
        if count > counter.limit.most:
            spent.give_back()
            raise TooMany(counter, max(1, left_s))
        spent.counted.append((counter.key, began))
    return spent


def spend_generously(*counters: Counter) -> Spent:
    """The same for what is welcome, and only a flood of it is not.

    Ten times as often in DEBUG, and not counted at all where API_RATE_LIMITS is off.
    """
    if not settings.API_RATE_LIMITS:
        return Spent()
    times = 10 if settings.DEBUG else 1
    return spend(
        *(each._replace(limit=Limit(each.limit.most * times, each.limit.seconds)) for each in counters)
    )


def _in_words(seconds: int) -> str:
    if seconds < 2 * MINUTE:
        return f"{seconds} seconds" if seconds > 1 else "a second"
    return f"{-(-seconds // MINUTE)} minutes"
