"""The page that DEBUG shows where something broke: all that helps to find out why, and no secret of who asked.

What was confided is left out wherever the page would repeat it: in a variable deep inside, in the exception's own words.
"""

from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter

from conduit.confided import secrets_of
from conduit.discretion import discreet

STARS = "********"


class Report(ExceptionReporter):
    def __init__(self, request: HttpRequest | None, *what: Any, **more: Any) -> None:
        super().__init__(request, *what, **more)
        self._secrets = secrets_of(request)

    def get_traceback_frames(self) -> list[dict[str, Any]]:
        """Variables in one line each: a text that is broken over lines is not recognised any more."""
        frames = super().get_traceback_frames()
        for frame in frames:
            frame["vars"] = [(name, self._shown(value)) for name, value in frame.get("vars", ())]
        return frames

    def get_traceback_data(self) -> dict[str, Any]:
        data = super().get_traceback_data()
        for part in ("request_meta", "settings"):
            data[part] = {name: self._shown(value) for name, value in data[part].items()}
        for part in ("request_GET_items", "filtered_POST_items", "request_COOKIES_items"):
            data[part] = [(name, self._shown(value)) for name, value in data.get(part, ())]
        return data

    def get_traceback_html(self) -> SafeString:
        return SafeString(self._without(super().get_traceback_html()))

    def get_traceback_text(self) -> SafeString:
        return SafeString(self._without(super().get_traceback_text()))

    def _shown(self, value: object) -> "Quoted":
        try:
            said = repr(value)
        except Exception as error:  # noqa: BLE001 - the page is about another one
            said = f"<cannot be shown: {type(error).__name__}>"
        return Quoted(self._without(said))

    def _without(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, STARS)
        return discreet(text)


class Quoted(str):
    """Is its own representation."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)
