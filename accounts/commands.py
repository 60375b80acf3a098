"""What can be asked of an account, and what is said when it can't be done."""

from typing import Annotated
from uuid import UUID

from accounts.names import LONGEST_ADDRESS, Address, Username
from eventstore.messages import Missing, Rejection, command
from eventstore.text import Text

Name = Annotated[str, Text(40), Username()]
Email = Annotated[str, Text(LONGEST_ADDRESS), Address()]
Bio = Annotated[str, Text(2000, blank=True, lines=True)]
Permission = Annotated[str, Text(100)]
Image = Annotated[str, Text(2000, blank=True)]


@command("accounts.register_user", audit="user_id username email")
class RegisterUser:
    user_id: UUID
    username: Name
    email: Email


@command("accounts.update_user", audit="user_id username email image password_changed")
class UpdateUser:
    """What the settings form sends: None leaves a thing as it is."""

    user_id: UUID
    username: Name | None = None
    email: Email | None = None
    bio: Bio | None = None
    image: Image | None = None
    password_changed: bool = False


@command("accounts.change_username", audit="user_id username")
class ChangeUsername:
    user_id: UUID
    username: Name


@command("accounts.change_email", audit="user_id email")
class ChangeEmail:
    user_id: UUID
    email: Email


@command("accounts.change_password", audit="user_id")
class ChangePassword:
    """Asked for when the new password has been stored beside the log; it is never part of a command."""

    user_id: UUID


@command("accounts.request_password_reset", audit="user_id")
class RequestPasswordReset:
    """Somebody has forgotten a password, or says so; an unknown person has the nil UUID."""

    user_id: UUID


@command("accounts.update_profile", audit="user_id image")
class UpdateProfile:
    user_id: UUID
    bio: Bio | None = None
    image: Image | None = None


@command("accounts.sign_in", audit="user_id password_matched")
class SignIn:
    """The password has been compared already, beside the log; an unknown person has the nil UUID."""

    user_id: UUID
    password_matched: bool


@command("accounts.grant_staff", audit="user_id superuser")
class GrantStaff:
    user_id: UUID
    superuser: bool = False


@command("accounts.grant_permissions", audit="user_id permissions")
class GrantPermissions:
    """Lets somebody into the admin for these things ("eventstore.see_metadata"), and for no others."""

    user_id: UUID
    permissions: tuple[Permission, ...]


@command("accounts.revoke_staff", audit="user_id")
class RevokeStaff:
    user_id: UUID


@command("accounts.close_account", audit="user_id")
class CloseAccount:
    user_id: UUID


class AlreadyRegistered(Rejection):
    """This account exists already."""


class NoSuchUser(Missing):
    """There is nobody here by that name."""


class AccountIsClosed(Rejection):
    """This account has been closed."""


class LinkIsOver(Rejection):
    """This link was used already, or is more than an hour old. Please ask for a new one."""


class WrongPassword(Rejection):
    """is not your password"""

    field = "password"


class WrongCredentials(Rejection):
    """email or password is invalid"""
