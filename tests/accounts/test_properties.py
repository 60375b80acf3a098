"""Accounts against a model of them: whatever is asked, of whomever, in whatever order, comes to the same."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as any_
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.aggregates.user import Closed, Registered
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
from eventstore.messages import AlreadyTaken
from tests.blog.story import JAKE, JANE, MALLORY
from tests.golden.world import World, in_short

BUSY = [HealthCheck.too_slow]
"""Others may be using the machine."""

KEYS = {
    "jake": "jake", "JAKE": "jake", "ｊａｋｅ": "jake", "jane": "jane", "Jane": "jane", "j-2": "j-2",
    "jake@a.example": "jake@a.example", "Jake@A.example": "jake@a.example", "jane@a.example": "jane@a.example",
    "new@a.example": "new@a.example", "NEW@a.example": "new@a.example", "2@a.example": "2@a.example",
}  # fmt: skip
"""Every spelling, and the name that it is."""

people = any_.sampled_from([JAKE, JANE, MALLORY])
usernames = any_.sampled_from([name for name in KEYS if "@" not in name])
emails = any_.sampled_from([name for name in KEYS if "@" in name])
texts = any_.sampled_from(["", "a", "b"])


def maybe(values):
    return any_.none() | values


class Accounts(RuleBasedStateMachine):
    """Each person as they last said; every name with whom it is, for good; every address with whom it is now."""

    def __init__(self):
        super().__init__()
        self.world = World()
        self.people, self.closed, self.names, self.addresses = {}, set(), {}, {}

    def ask(self, command):
        return in_short(self.world.ask(command))

    def is_there(self, person):
        return person in self.people and person not in self.closed

    def free(self, person, username, email):
        """Whether the name and the address are nobody else's."""
        holders = self.names.get(KEYS.get(username), person), self.addresses.get(KEYS.get(email), person)
        return holders == (person, person)

    @rule(person=people, username=usernames, email=emails)
    def register(self, person, username, email):
        answer = self.ask(RegisterUser(user_id=person, username=username, email=email))
        if person in self.people:
            assert answer is AlreadyRegistered
        elif not self.free(person, username, email):
            assert answer is AlreadyTaken
        else:
            assert answer == [UserRegistered]
            nothing = {"staff": False, "superuser": False, "permissions": ()}
            self.people[person] = {"bio": "", "image": "", **nothing}
            self.become(person, username=username, email=email)

    def become(self, person, **said):
        if "username" in said:
            self.names[KEYS[said["username"]]] = person
        if "email" in said:
            self.addresses.pop(KEYS.get(self.people[person].get("email")), None)
            self.addresses[KEYS[said["email"]]] = person
        self.people[person].update(said)

    def change(self, person, command, *, password=False, **said):
        """Sends a command that says this; what differs from before is one fact for each kind of thing."""
        answer = self.ask(command)
        if not self.is_there(person):
            assert answer is (AccountIsClosed if person in self.closed else NoSuchUser)
            return
        before = self.people[person]
        new = {name: value for name, value in said.items() if value is not None and value != before[name]}
        if not self.free(person, said.get("username"), said.get("email")):
            assert answer is AlreadyTaken
            return
        kinds = [UsernameChanged] * ("username" in new) + [UserEmailChanged] * ("email" in new)
        kinds += [ProfileUpdated] * ("bio" in new or "image" in new) + [UserPasswordChanged] * password
        assert answer == kinds
        self.become(person, **new)

    @rule(
        person=people,
        said=any_.fixed_dictionaries(
            {"username": maybe(usernames), "email": maybe(emails), "bio": maybe(texts), "image": maybe(texts)}
        ),
        password=any_.booleans(),
    )
    def save_settings(self, person, said, password):
        self.change(
            person, UpdateUser(user_id=person, password_changed=password, **said), password=password, **said
        )

    @rule(person=people, username=usernames)
    def take_another_name(self, person, username):
        self.change(person, ChangeUsername(user_id=person, username=username), username=username)

    @rule(person=people, email=emails)
    def move(self, person, email):
        self.change(person, ChangeEmail(user_id=person, email=email), email=email)

    @rule(person=people, said=any_.fixed_dictionaries({"bio": maybe(texts), "image": maybe(texts)}))
    def describe(self, person, said):
        self.change(person, UpdateProfile(user_id=person, **said), **said)

    @rule(person=people)
    def change_password(self, person):
        self.change(person, ChangePassword(user_id=person), password=True)

    @rule(person=people, matched=any_.booleans())
    def sign_in(self, person, matched):
        answer = self.ask(SignIn(user_id=person, password_matched=matched))
        known = [SignedIn if matched else SignInFailed]
        assert answer == (known if self.is_there(person) else WrongCredentials)

    @rule(person=people, superuser=any_.booleans(), revoke=any_.booleans())
    def make_or_unmake_staff(self, person, superuser, revoke):
        command = RevokeStaff(user_id=person) if revoke else GrantStaff(user_id=person, superuser=superuser)
        wanted = {"staff": not revoke, "superuser": superuser and not revoke}
        wanted |= {"permissions": ()} if revoke else {}
        answer = self.ask(command)
        if not self.is_there(person):
            assert answer is (AccountIsClosed if person in self.closed else NoSuchUser)
            return
        differs = self.people[person] != self.people[person] | wanted
        assert answer == [StaffRevoked if revoke else StaffGranted] * differs
        self.become(person, **wanted)

    @rule(person=people, permissions=any_.sampled_from([(), ("a.see",), ("a.do", "a.see")]))
    def permit(self, person, permissions):
        answer = self.ask(GrantPermissions(user_id=person, permissions=permissions[::-1]))
        if not self.is_there(person):
            assert answer is (AccountIsClosed if person in self.closed else NoSuchUser)
            return
        before = self.people[person]
        facts = [StaffGranted] * (not before["staff"])
        assert answer == facts + [PermissionsGranted] * (before["permissions"] != permissions)
        self.become(person, staff=True, permissions=permissions)

    @rule(person=people)
    def close(self, person):
        answer = self.ask(CloseAccount(user_id=person))
        if person not in self.people:
            assert answer is NoSuchUser
        else:
            assert answer == [AccountClosed] * (person not in self.closed)
            self.closed.add(person)

    @invariant()
    def everybody_is_as_they_said(self):
        for person, said in self.people.items():
            state = self.world.states[f"user-{person}"]
            held = frozenset(name for name, whose in self.names.items() if whose == person)
            open_account = Registered(**said, names_held=held)
            assert state == (Closed() if person in self.closed else open_account)

    @invariant()
    def every_name_is_whose_it_is(self):
        held = {name: holder for name, holder in self.world.claims.items() if name[0] != "author"}
        names = {("username", name): f"user-{whose}" for name, whose in self.names.items()}
        assert held == names | {("email", name): f"user-{whose}" for name, whose in self.addresses.items()}


def test_accounts_come_to_what_was_asked_of_them():
    often = settings(max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=BUSY)
    run_state_machine_as_test(Accounts, settings=often)
