"""Facts about accounts, as rows of people."""

from accounts.events import (
    AccountClosed,
    PermissionsGranted,
    ProfileUpdated,
    SignedIn,
    StaffGranted,
    StaffRevoked,
    UserEmailChanged,
    UsernameChanged,
    UserPasswordChanged,
    UserRegistered,
)
from accounts.models import User
from eventstore.log import Fact
from eventstore.projector import Changes, Projector, Put, Set

users = Projector("accounts.users", tables=[User], tells_rights=True)


@users.on(UserRegistered)
def add_a_person(event: UserRegistered, fact: Fact) -> Changes:
    yield Put(User, id=event.user_id, username=event.username, email=event.email, joined_at=fact.recorded_at)


@users.on(UsernameChanged)
def rename(event: UsernameChanged, fact: Fact) -> Changes:
    yield Set(User, event.user_id, username=event.username)


@users.on(UserEmailChanged)
def move(event: UserEmailChanged, fact: Fact) -> Changes:
    yield Set(User, event.user_id, email=event.email)


@users.on(ProfileUpdated)
def describe(event: ProfileUpdated, fact: Fact) -> Changes:
    said = {"bio": event.bio, "image": event.image}
    yield Set(User, event.user_id, **{name: text for name, text in said.items() if text is not None})


@users.on(UserPasswordChanged)
def end_other_sessions(event: UserPasswordChanged, fact: Fact) -> Changes:
    yield Set(User, event.user_id, password_version=fact.position)


@users.on(SignedIn)
def note_the_visit(event: SignedIn, fact: Fact) -> Changes:
    yield Set(User, event.user_id, last_signed_in_at=fact.recorded_at)


@users.on(StaffGranted)
def let_into_admin(event: StaffGranted, fact: Fact) -> Changes:
    yield Set(User, event.user_id, is_staff=True, is_superuser=event.superuser)


@users.on(PermissionsGranted)
def allow(event: PermissionsGranted, fact: Fact) -> Changes:
    yield Set(User, event.user_id, permissions=list(event.permissions))


@users.on(StaffRevoked)
def keep_out_of_admin(event: StaffRevoked, fact: Fact) -> Changes:
    """What was opened with those rights ends."""
    rights = {"is_staff": False, "is_superuser": False, "permissions": []}
    yield Set(User, event.user_id, password_version=fact.position, **rights)


@users.on(AccountClosed)
def close(event: AccountClosed, fact: Fact) -> Changes:
    yield Set(User, event.user_id, is_active=False, is_staff=False, is_superuser=False, permissions=[])
