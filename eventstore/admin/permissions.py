"""Who may see what of the log, and who may work on it: four permissions, none of which follows from another.

They are the model permissions of `Event`; a superuser has them all, by Django's own rule. Superusers alone
pause the projectors that rights are read from, or skip a fact for them: else a right would do to keep itself.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from eventstore.projector import projectors

METADATA = "eventstore.see_metadata"
PAYLOADS = "eventstore.see_payloads"
PERSONAL_DATA = "eventstore.see_personal_data"
OPERATE = "eventstore.operate_projectors"


def may(request: HttpRequest, permission: str) -> bool:
    """Whether whoever asks has this permission."""
    user: Any = request.user
    return bool(user.has_perm(permission))


def may_hold_back(request: HttpRequest, subscriber: str) -> bool:
    """Whether whoever asks may pause this projector or policy, or skip a fact for it, if they may operate at all."""
    user: Any = request.user
    tell_rights = {projector.name for projector in projectors if projector.tells_rights}
    return bool(user.is_superuser) or subscriber not in tell_rights


def demand(request: HttpRequest, *permissions: str) -> None:
    """Raises `PermissionDenied`, which is answered by 403, unless whoever asks has all of these."""
    if not all(may(request, permission) for permission in permissions):
        raise PermissionDenied
