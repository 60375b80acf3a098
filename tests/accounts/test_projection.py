"""What each fact does to the row of a person."""

from datetime import timedelta

import pytest

from accounts.events import (
    AccountClosed,
    PermissionsGranted,
    SignedIn,
    SignInFailed,
    StaffGranted,
    StaffRevoked,
    UserPasswordChanged,
)
from accounts.models import Credential, User
from accounts.projectors import users
from eventstore.testing import BEGINNING, project
from tests.accounts.story import JAKE, WHO, described, moved, registered, renamed

STAFF, SUPERUSER = StaffGranted(**WHO, superuser=False), StaffGranted(**WHO, superuser=True)
LOOKING = PermissionsGranted(**WHO, permissions=("blog.look",))
RIGHTS = ("is_active", "is_staff", "is_superuser")


def at(position):
    """When the fact at this position was recorded."""
    return BEGINNING + timedelta(seconds=position)


def jake(*events):
    """Jake's row after these facts; the first of them is at position 2."""
    return project(users, registered(), *events).row(User, JAKE)


def test_whoever_registers_is_a_person_without_any_rights():
    assert jake() == {
        "id": JAKE,
        "username": "Jake",
        "email": "Jake@Conduit.example",
        "bio": "",
        "image": "",
        "is_active": True,
        "is_staff": False,
        "is_superuser": False,
        "permissions": [],
        "password_version": 0,
        "joined_at": at(1),
        "last_signed_in_at": None,
    }


@pytest.mark.parametrize(
    ("event", "changed"),
    [
        (renamed("jacob"), {"username": "jacob"}),
        (moved("j@home.example"), {"email": "j@home.example"}),
        (described(bio="Hi"), {"bio": "Hi"}),
        (described(image="/me.svg"), {"image": "/me.svg"}),
        (described(bio="Hi", image="/me.svg"), {"bio": "Hi", "image": "/me.svg"}),
        (UserPasswordChanged(**WHO), {"password_version": 2}),
        (SignedIn(**WHO), {"last_signed_in_at": at(2)}),
        (StaffRevoked(**WHO), {"password_version": 2}),
        (STAFF, {"is_staff": True}),
        (SUPERUSER, {"is_staff": True, "is_superuser": True}),
        (LOOKING, {"permissions": ["blog.look"]}),
        (AccountClosed(**WHO), {"is_active": False}),
        (SignInFailed(**WHO), {}),
    ],
    ids=["a name", "an address", "a bio", "an image", "a profile", "a password", "a visit", "no staff", "staff",
         "a superuser", "permissions", "a closed account", "a failed visit"],
)  # fmt: skip
def test_each_fact_changes_its_own_columns_and_no_other(event, changed):
    assert jake(event) == jake() | changed


def test_an_emptied_profile_is_empty():
    row = jake(described(bio="Hi", image="/me.svg"), described(bio="", image=""))
    assert (row["bio"], row["image"]) == ("", "")


def test_every_change_of_the_password_ends_the_other_sessions():
    once, twice = (
        jake(UserPasswordChanged(**WHO)),
        jake(UserPasswordChanged(**WHO), UserPasswordChanged(**WHO)),
    )
    assert len({jake()["password_version"], once["password_version"], twice["password_version"]}) == 3
    hashes = {User(**row).get_session_auth_hash() for row in (jake(), once, twice)}
    assert len(hashes) == 3


def test_rights_taken_away_are_all_taken():
    row = jake(SUPERUSER, LOOKING, StaffRevoked(**WHO))
    assert [row[name] for name in (*RIGHTS, "permissions")] == [True, False, False, []]


def test_a_superuser_made_plain_staff_is_no_superuser():
    row = jake(SUPERUSER, STAFF)
    assert [row[name] for name in RIGHTS] == [True, True, False]


def test_a_closed_account_has_no_rights_left():
    row = jake(SUPERUSER, LOOKING, AccountClosed(**WHO))
    assert [row[name] for name in (*RIGHTS, "permissions")] == [False, False, False, []]


def test_only_superusers_with_an_open_account_may_do_everything():
    may = {who: User(**jake(*past)).has_perm("blog.anything") for who, past in {
        "nobody": (), "staff": (STAFF,), "superuser": (SUPERUSER,), "gone": (SUPERUSER, AccountClosed(**WHO)),
    }.items()}  # fmt: skip
    assert may == {"nobody": False, "staff": False, "superuser": True, "gone": False}


def test_no_password_is_projected():
    assert Credential not in users.tables
    assert not [name for name in jake() if "password" in name and name != "password_version"]


def test_the_same_facts_make_the_same_row():
    story = (renamed("jacob"), described(bio="Hi"), SignedIn(**WHO), UserPasswordChanged(**WHO))
    assert jake(*story) == jake(*story)


@pytest.mark.parametrize(
    ("past", "look", "other", "blog", "accounts"),
    [
        ((LOOKING,), False, False, False, False),
        ((STAFF, LOOKING), True, False, True, False),
        ((SUPERUSER, LOOKING), True, True, True, True),
        ((STAFF, LOOKING, AccountClosed(**WHO)), False, False, False, False),
    ],
    ids=["no staff", "staff", "a superuser", "gone"],
)
def test_staff_may_do_what_they_were_granted_and_nothing_else(past, look, other, blog, accounts):
    person = User(**jake(*past))
    assert (person.has_perm("blog.look"), person.has_perm("blog.other")) == (look, other)
    assert (person.has_module_perms("blog"), person.has_module_perms("accounts")) == (blog, accounts)
