"""What can have happened to a person's account."""

from uuid import UUID

from eventstore.messages import event


@event("accounts.user_registered")
class UserRegistered:
    """Somebody joined, under a name and an address that were nobody's."""

    user_id: UUID
    username: str
    email: str


@event("accounts.username_changed")
class UsernameChanged:
    """They took another name; the former one stays theirs."""

    user_id: UUID
    username: str


@event("accounts.user_email_changed")
class UserEmailChanged:
    """They moved to another address; the former one is free again."""

    user_id: UUID
    email: str


@event("accounts.user_password_changed")
class UserPasswordChanged:
    """The password changed; to what is no fact for a log."""

    user_id: UUID


@event("accounts.profile_updated")
class ProfileUpdated:
    """They said something else of themselves; what is None stayed as it was, "" is none any more."""

    user_id: UUID
    bio: str | None = None
    image: str | None = None


@event("accounts.signed_in")
class SignedIn:
    """They proved who they are."""

    user_id: UUID


@event("accounts.sign_in_failed")
class SignInFailed:
    """Somebody tried to be them, with a wrong password."""

    user_id: UUID


@event("accounts.staff_granted")
class StaffGranted:
    """They may enter the admin; a superuser may do everything there."""

    user_id: UUID
    superuser: bool


@event("accounts.permissions_granted")
class PermissionsGranted:
    """They may do these things in the admin, and no others there."""

    user_id: UUID
    permissions: tuple[str, ...]


@event("accounts.staff_revoked")
class StaffRevoked:
    """They may not enter the admin any more."""

    user_id: UUID


@event("accounts.account_closed")
class AccountClosed:
    """They left; the name stays theirs, the account can't be used."""

    user_id: UUID
