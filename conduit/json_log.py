"""Logs for machines: one JSON object a line, so that no text, however odd, can forge a second record."""

import json
import logging
from datetime import UTC, datetime

from conduit.request_ids import current, request_id


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request": request_id(getattr(record, "request", None)) or current.get(),
            "status": getattr(record, "status_code", None),
            "error": self.formatException(record.exc_info) if record.exc_info else None,
        }
        return json.dumps({name: value for name, value in line.items() if value is not None})
