"""What the templates of the log ask of values: names by id, times and durations as people say them."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import quote

from django import template
from django.urls import get_script_prefix, reverse

from eventstore.admin.values import lasting

register = template.Library()


@register.filter
def of(mapping: Mapping[Any, Any], key: Any) -> Any:
    """What a mapping has for a key; nothing if it has nothing."""
    return mapping.get(key, "") if key is not None else ""


@register.filter
def short(identity: Any) -> str:
    """The end of an id: its beginning is the time, which neighbors share."""
    return str(identity)[-8:]


@register.filter
def took(microseconds: int) -> str:
    return lasting(timedelta(microseconds=microseconds))


@register.filter
def waited(time: timedelta) -> str:
    return lasting(time)


@register.filter
def kind(stream: str) -> str:
    """What a stream's name begins with."""
    return stream.partition("-")[0]


@register.filter
def listed(values: Any) -> str:
    """Values on one line, with commas."""
    return ", ".join(map(str, values))


@register.filter
def event_url(position: int) -> str:
    """Where an event is. Long lists have hundreds of addresses: what these begin with is looked up once."""
    return f"{_list(get_script_prefix(), 'event')}{position}/change/"


@register.filter
def command_url(command_id: Any) -> str:
    return f"{_list(get_script_prefix(), 'command')}{command_id}/change/"


@register.filter
def stream_url(stream: str) -> str:
    return _stream(get_script_prefix()).replace("*", quote(stream))


@register.filter
def actor_url(actor_id: Any) -> str:
    """Where an actor's events are."""
    return f"{_list(get_script_prefix(), 'event')}?actor={actor_id}"


@cache
def _list(prefix: str, model: str) -> str:
    return reverse(f"admin:eventstore_{model}_changelist")


@cache
def _stream(prefix: str) -> str:
    return reverse("admin:eventstore_stream", args=["*"])
