"""Tables of accounts: people as the log knows them, and, beside the log, what proves who they are."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.crypto import salted_hmac


class People(models.Manager["User"]):
    """What Django asks of a user model's manager. Accounts are made by commands, so it makes none."""

    def get_by_natural_key(self, username: str) -> "User":
        return self.get(username=username)


class User(models.Model):
    """A projection, not a record: the log says who there is. It has no password column."""

    id = models.UUIDField(primary_key=True)
    username = models.CharField(max_length=40, unique=True)
    email = models.CharField(max_length=254)
    bio = models.TextField(default="")
    image = models.TextField(default="")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_superuser = models.BooleanField(default=False)
    permissions = models.JSONField(default=list)
    password_version = models.BigIntegerField(default=0)
    joined_at = models.DateTimeField()
    last_signed_in_at = models.DateTimeField(null=True)

    objects = People()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["email"]
    is_anonymous = False
    is_authenticated = True

    class Meta:
        indexes = [models.Index(fields=["email"], name="accounts_user_email")]

    def __str__(self) -> str:
        return self.username

    def get_username(self) -> str:
        return self.username

    get_full_name = get_short_name = get_username

    def get_session_auth_hash(self) -> str:
        """Changes with every change of the password, and when somebody leaves the staff; so ends the other sessions."""
        return self._session_hash()

    def get_session_auth_fallback_hash(self) -> tuple[str, ...]:
        """What it was under keys that were in use before, and are still good."""
        return tuple(map(self._session_hash, settings.SECRET_KEY_FALLBACKS))

    def _session_hash(self, secret: str | None = None) -> str:
        said = f"{self.pk} {self.password_version}"
        return salted_hmac("accounts.session", said, secret, algorithm="sha256").hexdigest()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """A superuser may do everything, others of the staff what they were granted."""
        return self.is_active and (self.is_superuser or (self.is_staff and perm in self.permissions))

    def has_perms(self, perm_list: list[str], obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        granted = any(perm.startswith(f"{app_label}.") for perm in self.permissions)
        return self.is_active and (self.is_superuser or (self.is_staff and granted))


class ApiToken(models.Model):
    """What a program shows instead of a password. Only its SHA-256 is kept, beside the log, until it is revoked."""

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, db_constraint=False, related_name="tokens")
    digest = models.BinaryField(max_length=32, unique=True)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"token of {self.user_id}: {self.name}"


class Session(models.Model):
    """A browser that somebody is signed in with, or that is to be remembered. Of its key only the SHA-256 is kept."""

    id = models.UUIDField(primary_key=True)
    digest = models.BinaryField(max_length=32, unique=True)
    user_id = models.UUIDField(null=True)
    data = models.TextField()
    browser = models.CharField(max_length=100)
    began_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["user_id"], name="accounts_session_user"),
            models.Index(fields=["expires_at"], name="accounts_session_expiry"),
        ]

    def __str__(self) -> str:
        return f"session of {self.user_id}: {self.browser}"


class Credential(models.Model):
    """The hash of a password. Not a fact: it stands beside the log, and is replaced."""

    user_id = models.UUIDField(primary_key=True)
    password = models.CharField(max_length=255)

    def __str__(self) -> str:
        return f"credential of {self.user_id}"
