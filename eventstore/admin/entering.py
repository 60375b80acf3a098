"""Signing in to the admin: who only guesses is told there when to come again."""

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from eventstore.budgets import TooMany


class SignIn(AdminAuthenticationForm):
    refusal: TooMany | None = None

    def clean(self) -> Any:
        try:
            return super().clean()
        except TooMany as refusal:
            self.refusal = refusal
            raise ValidationError(str(refusal)) from None
