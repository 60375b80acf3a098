"""How Django finds out who somebody is: by the log, through the same door as the sign-in page."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts import queries
from accounts.commands import WrongCredentials
from accounts.devices import COOKIE
from accounts.models import User
from accounts.sign_in import sign_in


class LogBackend:
    """Signs people in through commands; a closed account is nobody."""

    def authenticate(
        self, request: HttpRequest | None, username: str = "", password: str = "", **others: Any
    ) -> User | None:
        device = request.COOKIES.get(COOKIE, "") if request else ""
        try:
            return sign_in(username, password, device).person
        except WrongCredentials:
            return None

    def get_user(self, user_id: UUID) -> User | None:
        person = queries.person(user_id)
        return person if person and person.is_active else None
