"""What others did wrong is a warning of one line, however often they do it; errors and tracebacks are for our own
mistakes."""

import logging

SERVER_ERROR = 500


class Calm(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if _is_of_others(record):
            record.levelno = min(record.levelno, logging.WARNING)
            record.levelname = logging.getLevelName(record.levelno)
            record.exc_info = record.exc_text = None
        return True


def _is_of_others(record: logging.LogRecord) -> bool:
    """Django has named loggers for what it takes for an attack, and notes the status of what it refuses."""
    if record.name.startswith("django.security"):
        return True
    return record.name == "django.request" and vars(record).get("status_code", SERVER_ERROR) < SERVER_ERROR
