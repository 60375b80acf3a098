"""A person's account: registered under a unique name and address, changed by its owner, closed for good."""

from collections.abc import Iterator
from dataclasses import replace

from accounts.commands import (
    AccountIsClosed,
    AlreadyRegistered,
    ChangeEmail,
    ChangePassword,
    ChangeUsername,
    CloseAccount,
    GrantPermissions,
    GrantStaff,
    NoSuchUser,
    RegisterUser,
    RequestPasswordReset,
    RevokeStaff,
    SignIn,
    UpdateProfile,
    UpdateUser,
    WrongCredentials,
)
from accounts.events import (
    AccountClosed,
    PermissionsGranted,
    ProfileUpdated,
    SignedIn,
    SignInFailed,
    StaffGranted,
    StaffRevoked,
    UserEmailChanged,
    UsernameChanged,
    UserPasswordChanged,
    UserRegistered,
)
from accounts.names import email_key
from eventstore.messages import Claim, Release, state
from eventstore.text import identity

UserCommand = (
    RegisterUser
    | UpdateUser
    | ChangeUsername
    | ChangeEmail
    | ChangePassword
    | RequestPasswordReset
    | UpdateProfile
    | SignIn
    | GrantStaff
    | GrantPermissions
    | RevokeStaff
    | CloseAccount
)
UserEvent = (
    UserRegistered
    | UsernameChanged
    | UserEmailChanged
    | UserPasswordChanged
    | ProfileUpdated
    | SignedIn
    | SignInFailed
    | StaffGranted
    | PermissionsGranted
    | StaffRevoked
    | AccountClosed
)


@state
class Unregistered: ...


@state
class Registered:
    username: str
    email: str
    bio: str = ""
    image: str = ""
    names_held: frozenset[str]
    staff: bool = False
    superuser: bool = False
    permissions: tuple[str, ...] = ()


@state
class Closed: ...


User = Unregistered | Registered | Closed
initial: User = Unregistered()


def stream(command: UserCommand) -> str:
    return f"user-{command.user_id}"


def decide(user: User, command: UserCommand) -> Iterator[UserEvent]:
    match user, command:
        case Unregistered(), RegisterUser():
            yield UserRegistered(user_id=command.user_id, username=command.username, email=command.email)
        case _, RegisterUser():
            raise AlreadyRegistered
        case Unregistered() | Closed(), SignIn():
            raise WrongCredentials
        case Unregistered(), _:
            raise NoSuchUser
        case Closed(), CloseAccount():
            pass
        case Closed(), _:
            raise AccountIsClosed
        case Registered(), RequestPasswordReset():
            pass
        case Registered(), UpdateUser():
            yield from _renamed(user, command)
            yield from _moved(user, command)
            yield from _described(user, command)
            if command.password_changed:
                yield UserPasswordChanged(user_id=command.user_id)
        case Registered(), ChangeUsername():
            yield from _renamed(user, command)
        case Registered(), ChangeEmail():
            yield from _moved(user, command)
        case Registered(), UpdateProfile():
            yield from _described(user, command)
        case Registered(), ChangePassword():
            yield UserPasswordChanged(user_id=command.user_id)
        case Registered(), SignIn(password_matched=True):
            yield SignedIn(user_id=command.user_id)
        case Registered(), SignIn():
            yield SignInFailed(user_id=command.user_id)
        case Registered(), GrantStaff():
            if not user.staff or user.superuser != command.superuser:
                yield StaffGranted(user_id=command.user_id, superuser=command.superuser)
        case Registered(), GrantPermissions():
            permissions = tuple(sorted(set(command.permissions)))
            if not user.staff:
                yield StaffGranted(user_id=command.user_id, superuser=False)
            if permissions != user.permissions:
                yield PermissionsGranted(user_id=command.user_id, permissions=permissions)
        case Registered(), RevokeStaff():
            if user.staff:
                yield StaffRevoked(user_id=command.user_id)
        case Registered(), CloseAccount():
            yield AccountClosed(user_id=command.user_id)


def _renamed(user: Registered, command: UpdateUser | ChangeUsername) -> Iterator[UsernameChanged]:
    if command.username is not None and command.username != user.username:
        yield UsernameChanged(user_id=command.user_id, username=command.username)


def _moved(user: Registered, command: UpdateUser | ChangeEmail) -> Iterator[UserEmailChanged]:
    if command.email is not None and command.email != user.email:
        yield UserEmailChanged(user_id=command.user_id, email=command.email)


def _described(user: Registered, command: UpdateUser | UpdateProfile) -> Iterator[ProfileUpdated]:
    bio = command.bio if command.bio != user.bio else None
    image = command.image if command.image != user.image else None
    if bio is not None or image is not None:
        yield ProfileUpdated(user_id=command.user_id, bio=bio, image=image)


def evolve(user: User, event: UserEvent) -> User:
    match user, event:
        case _, UserRegistered():
            held = frozenset({identity(event.username)})
            return Registered(username=event.username, email=event.email, names_held=held)
        case _, AccountClosed():
            return Closed()
        case Registered(), UsernameChanged():
            held = user.names_held | {identity(event.username)}
            return replace(user, username=event.username, names_held=held)
        case Registered(), UserEmailChanged():
            return replace(user, email=event.email)
        case Registered(), ProfileUpdated():
            bio = user.bio if event.bio is None else event.bio
            image = user.image if event.image is None else event.image
            return replace(user, bio=bio, image=image)
        case Registered(), StaffGranted():
            return replace(user, staff=True, superuser=event.superuser)
        case Registered(), PermissionsGranted():
            return replace(user, permissions=event.permissions)
        case Registered(), StaffRevoked():
            return replace(user, staff=False, superuser=False, permissions=())
        case _:
            return user


def names(user: User, event: UserEvent) -> Iterator[Claim | Release]:
    """Names are claimed for good; an address is given back when it is left."""
    match user, event:
        case _, UserRegistered():
            yield Claim("username", identity(event.username))
            yield Claim("email", email_key(event.email))
        case Registered(), UsernameChanged():
            if identity(event.username) not in user.names_held:
                yield Claim("username", identity(event.username))
        case Registered(), UserEmailChanged():
            if email_key(event.email) != email_key(user.email):
                yield Release("email", email_key(user.email))
                yield Claim("email", email_key(event.email))
        case _:
            pass
