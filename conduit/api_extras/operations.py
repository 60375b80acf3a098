"""What an extra wraps: an operation, which makes an answer of a request and the steps of its path."""

from collections.abc import Callable

from django.http import HttpResponse

Run = Callable[..., HttpResponse]
READING, WRITING = {"GET"}, {"POST", "PUT", "DELETE"}
"""HEAD has become GET at the door."""
