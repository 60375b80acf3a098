"""Who an id is: the names of people behind commands, all of a page in one question."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth import get_user_model


def names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of those of these who are known by one."""
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    user = get_user_model()
    return dict(user._default_manager.filter(pk__in=wanted).values_list("pk", user.USERNAME_FIELD))  # noqa: SLF001
