"""Logs for machines: one JSON object a line, so that no text, however odd, can forge a second record.

A line says what happened, never what was written: the parts of a database's error that quote rows are left out, and so is
what addresses may hold that is for few. Of the latter lines for people are free as well.
"""

import json
import logging
import re
from datetime import UTC, datetime

from conduit.discretion import discreet
from conduit.request_ids import current, request_id
from eventstore.acting import correlation_id

TOLD = (
    *("correlation_id", "causation_id", "actor_id", "command", "outcome", "reason", "stream", "position"),
    *("projection", "method", "path", "status", "address", "duration_s"),
)
"""What a record may say beside its text, as `extra`; the rest of it stays here."""

QUOTES = re.compile(
    r"^(DETAIL|CONTEXT|QUERY|LINE \d+): .*?(?=^\n(?:The above exception|During handling of)|\Z)",
    re.MULTILINE | re.DOTALL,
)
LEFT_OUT = "(what the database quoted is left out)\n"


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "event": _without_quotes(record.getMessage()),
            "logger": record.name,
            "request_id": request_id(getattr(record, "request", None)) or current.get(),
            "correlation_id": correlation_id(),
            "status": getattr(record, "status_code", None),
            **{name: vars(record)[name] for name in TOLD if name in vars(record)},
            "error": _without_quotes(self.formatException(record.exc_info)) if record.exc_info else None,
        }
        said = {name: value for name, value in line.items() if value not in (None, "")}
        return json.dumps(said, default=str)


class PlainLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return discreet(super().format(record))


def _without_quotes(text: str) -> str:
    return discreet(QUOTES.sub(LEFT_OUT, text).rstrip("\n"))
