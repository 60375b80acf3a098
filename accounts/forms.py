"""What may be typed about accounts, and the commands that it amounts to."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.password_validation import validate_password

from accounts.commands import Bio, Email, Image, Name, RegisterUser, UpdateUser
from accounts.sign_in import Known, sign_in
from eventstore.forms import CommandForm, TextField

MOST_PASSWORD = 1024


class PasswordField(forms.CharField):
    """A password: never shown again, never trimmed, bounded so that hashing it is bounded."""

    def to_python(self, value: Any) -> str:
        if not isinstance(value, str | None):
            raise forms.ValidationError("must be a string")
        return value or ""

    def __init__(self, autocomplete: str, placeholder: str) -> None:
        attributes = {"autocomplete": autocomplete, "placeholder": placeholder}
        super().__init__(required=False, strip=False, widget=forms.PasswordInput(attrs=attributes))
        self.validators = []  # any character will do


def _typed(kind: Any, placeholder: str, **attributes: Any) -> TextField:
    return TextField(kind, widget=forms.TextInput(attrs={"placeholder": placeholder, **attributes}))


def _address(placeholder: str = "Email") -> TextField:
    attributes = {"placeholder": placeholder, "autocomplete": "email"}
    return TextField(Email, widget=forms.EmailInput(attrs=attributes))


class NewPassword(CommandForm):
    """Checks the field `password` as a new one."""

    may_be_blank = False

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not password.strip() and (password or not self.may_be_blank):
            raise forms.ValidationError("can't be blank")
        if len(password) > MOST_PASSWORD:
            raise forms.ValidationError(f"is too long (maximum is {MOST_PASSWORD:,} characters)")
        if password:
            self._ask_validators(password)
        return password

    def _ask_validators(self, password: str) -> None:
        try:
            validate_password(password)
        except forms.ValidationError:
            raise forms.ValidationError("is too short (minimum is 8 characters)") from None


class SignUpForm(NewPassword):
    username = _typed(Name, "Username", autocomplete="username")
    email = _address()
    password = PasswordField("new-password", "Password")

    def register(self) -> RegisterUser:
        """The person's id is the command's: sent twice, it is one person."""
        return RegisterUser(
            user_id=self.id, username=self.cleaned_data["username"], email=self.cleaned_data["email"]
        )


class SignInForm(CommandForm):
    email = TextField(str, widget=forms.TextInput(attrs={"placeholder": "Email", "autocomplete": "username"}))
    password = PasswordField("current-password", "Password")

    def clean(self) -> None:
        for name in ("email", "password"):
            if name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, "can't be blank")

    def sign_in(self, device: str = "") -> Known:
        """Who it is; raises `WrongCredentials`, and `TooMany` from whoever only guesses."""
        return sign_in(self.cleaned_data["email"], self.cleaned_data["password"][:MOST_PASSWORD], device)


class ForgottenForm(CommandForm):
    email = _address()


class NewPasswordForm(NewPassword):
    password = PasswordField("new-password", "New Password")


class ClosingForm(CommandForm):
    password = PasswordField("current-password", "Password")

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not password:
            raise forms.ValidationError("can't be blank")
        return password[:MOST_PASSWORD]


class SettingsForm(NewPassword):
    """An empty password keeps the one that there is."""

    may_be_blank = True

    image = _typed(Image, "URL of profile picture", autocomplete="photo")
    username = _typed(Name, "Your Name", autocomplete="username")
    bio = TextField(Bio, widget=forms.Textarea(attrs={"placeholder": "Short bio about you", "rows": 8}))
    email = _address()
    password = PasswordField("new-password", "New Password")

    def update(self, user_id: UUID) -> UpdateUser:
        """What was asked for; None is what the form did not ask for."""
        said = self.cleaned_data
        return UpdateUser(
            user_id=user_id,
            username=said.get("username"),
            email=said.get("email"),
            bio=said.get("bio"),
            image=said.get("image"),
            password_changed=bool(said.get("password")),
        )


class ChangesForm(SettingsForm):
    """Settings from a client that mentions only what it changes: a password that it mentions is a new one."""

    may_be_blank = False
