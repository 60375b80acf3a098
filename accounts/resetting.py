"""A password that was forgotten: a link by mail, good for an hour and for one new password.

Nothing of a link is kept. It is a time and a signature over the account as it is, so it ends with the next password, with
another address, and with the account.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple, Self
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner, b62_decode
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from accounts import credentials, queries
from accounts.commands import ChangePassword, LinkIsOver, RequestPasswordReset
from accounts.models import User
from accounts.names import email_key
from accounts.post import post, send
from accounts.registration import with_hash
from accounts.sign_in import NOBODY
from accounts.throttling import RESET, TooMany, spend
from eventstore.dispatch import TooBusy, dispatch
from eventstore.messages import Rejection

GOOD_FOR = timedelta(hours=1)
SLACK_S = 60
"""So much may the clocks of two machines differ."""


class Leave(NamedTuple):
    """Whoever followed a good link may set a new password, until then and while the account is as it was."""

    user_id: UUID
    state: str
    until: float

    def said(self) -> dict[str, str | float]:
        """As a session keeps it; nothing of the link is in it."""
        return {"user": str(self.user_id), "state": self.state, "until": self.until}

    @classmethod
    def of(cls, said: Mapping[str, str | float] | None) -> Self | None:
        return cls(UUID(str(said["user"])), str(said["state"]), float(said["until"])) if said else None

    def stands(self) -> bool:
        """Asked inside a transaction, it stays so to its end: of two who use it at once, one is late."""
        state = _state(self.user_id)
        return bool(state) and _is_now(self.until) and constant_time_compare(self.state, state)


def ask(address: str) -> None:
    """Whoever has an account with this address gets a link by mail, soon; it takes as long if nobody has.

    Raises `TooMany` if too many come from one place; too many for one address just get no mail.
    """
    try:
        spend(RESET, account=email_key(address))
    except TooMany as refusal:
        if not refusal.what.endswith("account"):
            raise
    else:
        post.later(lambda: _answer(address))


def _answer(address: str) -> None:
    """On record, whether or not there is such an account; the mail goes where the account's mails go."""
    user_id = queries.by_login(address)
    try:
        dispatch(RequestPasswordReset(user_id=user_id or NOBODY))
    except Rejection:
        return
    person = queries.person(user_id) if user_id else None
    if person and person.is_active:
        send(person.email, "Set a new password", "accounts/mail/reset.txt", person=person, link=link(person))


def link(person: User) -> str:
    """The address at which this person may set a new password. Where it is, is a setting and no request's."""
    said = {"user": str(person.pk), "token": _signed(_state(person.pk))}
    return f"{settings.SITE_ADDRESS}{reverse('password-reset-link')}?{urlencode(said)}"


def follow(user: str, token: str) -> Leave | None:
    """What a link allows; None if it is over, or was none."""
    try:
        user_id = UUID(user)
        state = _state(user_id)
        _signer().unsign(f"{state}:{token}")
    except (BadSignature, ValueError):
        return None
    made, _ = token.split(":")
    leave = Leave(user_id, state, b62_decode(made) + GOOD_FOR.total_seconds())
    return leave if leave.stands() else None


def use(leave: Leave, password: str, command_id: UUID) -> None:
    """Sets the new password and ends whatever is open; a `Rejection` if the leave is over. Sent twice it is done once."""
    password_hash = credentials.hashed(password)
    with transaction.atomic():
        stands = leave.stands()
        receipt = with_hash(ChangePassword(user_id=leave.user_id), password_hash, command_id)
        if not (stands or receipt.repeated):
            raise LinkIsOver
    if not receipt.repeated:
        with suppress(TooBusy):  # it stands, whether or not there is a mail about it
            post.later(lambda: _tell(leave.user_id))
    elif not credentials.confirmed(leave.user_id, password):
        raise LinkIsOver


def _tell(user_id: UUID) -> None:
    if person := queries.person(user_id):
        send(person.email, "Your password was changed", "accounts/mail/changed.txt", person=person)


def _state(user_id: UUID) -> str:
    """One word for what a link depends on, other with every new password, even if it is the same one. Empty: nobody."""
    person = queries.person(user_id)
    with transaction.atomic():
        held = credentials.locked(user_id)
    if not (person and person.is_active):
        return ""
    return sha256(f"{person.pk} {person.email} {held}".encode()).hexdigest()


def _signed(state: str) -> str:
    return _signer().sign(state).removeprefix(f"{state}:")


def _signer() -> TimestampSigner:
    """Its key is made from SECRET_KEY; SECRET_KEY_FALLBACKS are good as well."""
    return TimestampSigner(salt="accounts.resetting")


def _is_now(until: float) -> bool:
    """A link from the future is as good as none: somebody set the clock."""
    return -SLACK_S < time.time() - (until - GOOD_FOR.total_seconds()) <= GOOD_FOR.total_seconds()
