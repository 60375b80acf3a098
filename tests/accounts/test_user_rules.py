"""The rules of accounts: who may be who, what may change, and what stays theirs."""

import pytest

from accounts.aggregates import user
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
    RevokeStaff,
    SignIn,
    WrongCredentials,
)
from accounts.events import (
    AccountClosed,
    PermissionsGranted,
    SignedIn,
    SignInFailed,
    StaffGranted,
    StaffRevoked,
    UserPasswordChanged,
)
from eventstore.testing import given
from tests.accounts.story import (
    JAKE,
    WHO,
    address,
    describe,
    described,
    former_address,
    moved,
    name,
    register,
    registered,
    renamed,
    update,
)

CLOSED = AccountClosed(**WHO)
PASSWORD_CHANGED = UserPasswordChanged(**WHO)
SIGN_IN, WRONG_PASSWORD = SignIn(**WHO, password_matched=True), SignIn(**WHO, password_matched=False)
STAFF, SUPERUSER = StaffGranted(**WHO, superuser=False), StaffGranted(**WHO, superuser=True)
CHANGES = {
    "settings": update(bio="I work at statefarm"),
    "a name": ChangeUsername(**WHO, username="jacob"),
    "an address": ChangeEmail(**WHO, email="jacob@conduit.example"),
    "a password": ChangePassword(**WHO),
    "a profile": describe(bio="I work at statefarm"),
    "staff rights": GrantStaff(**WHO, superuser=False),
    "permissions": GrantPermissions(**WHO, permissions=("eventstore.see_metadata",)),
    "fewer rights": RevokeStaff(**WHO),
}


def test_registering_takes_a_name_and_an_address_whatever_their_letter_case():
    given().when(register()).then(registered()).naming(name("jake"), address("jake@conduit.example"))


def test_names_that_look_the_same_are_the_same_name():
    given().when(register(username="ｊａｋｅ")).naming(name("jake"), address("jake@conduit.example"))


@pytest.mark.parametrize("past", [(registered(),), (registered(), CLOSED)], ids=["open", "closed"])
def test_an_account_is_registered_once(past):
    given(*past).when(register()).then_rejected(AlreadyRegistered)


@pytest.mark.parametrize("command", [*CHANGES.values(), CloseAccount(**WHO)], ids=[*CHANGES, "closing"])
def test_whoever_is_not_registered_can_change_nothing(command):
    given().when(command).then_rejected(NoSuchUser)


@pytest.mark.parametrize("command", CHANGES.values(), ids=CHANGES)
def test_a_closed_account_cannot_be_changed(command):
    given(registered(), CLOSED).when(command).then_rejected(AccountIsClosed)


def test_another_name_is_claimed_and_the_former_one_stays_theirs():
    given(registered()).when(ChangeUsername(**WHO, username="jacob")).then(renamed("jacob")).naming(
        name("jacob")
    )


def test_going_back_to_a_former_name_claims_nothing():
    past = given(registered(), renamed("jacob"))
    past.when(ChangeUsername(**WHO, username="Jake")).then(renamed("Jake")).naming()


def test_the_same_name_in_another_letter_case_is_a_change_but_no_new_claim():
    given(registered()).when(ChangeUsername(**WHO, username="JAKE")).then(renamed("JAKE")).naming()


def test_taking_the_name_that_one_has_changes_nothing():
    given(registered()).when(ChangeUsername(**WHO, username="Jake")).then_nothing()


def test_another_address_is_claimed_and_the_former_one_is_free_again():
    outcome = given(registered()).when(ChangeEmail(**WHO, email="jake@home.example"))
    outcome.then(moved("jake@home.example"))
    outcome.naming(former_address("jake@conduit.example"), address("jake@home.example"))


def test_a_former_address_has_to_be_claimed_anew():
    outcome = given(registered(), moved("jake@home.example")).when(
        ChangeEmail(**WHO, email="jake@conduit.example")
    )
    outcome.naming(former_address("jake@home.example"), address("jake@conduit.example"))


def test_the_same_address_in_another_letter_case_is_a_change_but_no_new_claim():
    command = ChangeEmail(**WHO, email="jake@conduit.example")
    given(registered()).when(command).then(moved("jake@conduit.example")).naming()


def test_moving_to_the_address_that_one_has_changes_nothing():
    given(registered()).when(ChangeEmail(**WHO, email="Jake@Conduit.example")).then_nothing()


def test_that_a_password_changed_is_a_fact_and_to_what_is_not():
    given(registered()).when(ChangePassword(**WHO)).then(PASSWORD_CHANGED)
    assert UserPasswordChanged.__slots__ == ("user_id",)


def test_a_password_may_change_again_and_again():
    given(registered(), PASSWORD_CHANGED).when(ChangePassword(**WHO)).then(PASSWORD_CHANGED)


def test_a_profile_tells_only_what_differs():
    past = given(registered(), described(bio="I work at statefarm"))
    past.when(describe(bio="I work at statefarm", image="/me.svg")).then(described(image="/me.svg"))


def test_an_unchanged_profile_is_no_fact():
    past = given(registered(), described(bio="I work at statefarm", image="/me.svg"))
    past.when(describe(bio="I work at statefarm", image="/me.svg")).then_nothing()


def test_a_new_account_has_neither_bio_nor_image():
    given(registered()).when(describe(bio="", image="")).then_nothing()


def test_empty_words_take_a_bio_and_an_image_away():
    past = given(registered(), described(bio="I work at statefarm", image="/me.svg"))
    past.when(describe(bio="", image="")).then(described(bio="", image=""))


def test_what_a_profile_does_not_mention_stays_as_it_was():
    past = given(registered(), described(bio="I work at statefarm"), described(image="/me.svg"))
    past.when(describe(bio="I work at statefarm")).then_nothing()
    past.when(describe()).then_nothing()


def test_the_settings_form_says_one_fact_for_each_thing_that_changed():
    command = update(
        username="jacob", email="jacob@home.example", bio="Hi", image="/me.svg", password_changed=True
    )
    outcome = given(registered()).when(command)
    outcome.then(
        renamed("jacob"), moved("jacob@home.example"), described(bio="Hi", image="/me.svg"), PASSWORD_CHANGED
    )
    outcome.naming(name("jacob"), former_address("jake@conduit.example"), address("jacob@home.example"))


def test_settings_sent_unchanged_change_nothing():
    command = update(username="Jake", email="Jake@Conduit.example", bio="", image="")
    given(registered()).when(command).then_nothing().naming()


@pytest.mark.parametrize(
    ("said", "event"),
    [
        ({"username": "jacob"}, renamed("jacob")),
        ({"email": "jacob@home.example"}, moved("jacob@home.example")),
        ({"bio": "Hi"}, described(bio="Hi")),
        ({"image": "/me.svg"}, described(image="/me.svg")),
        ({"password_changed": True}, PASSWORD_CHANGED),
    ],
    ids=["name", "address", "bio", "image", "password"],
)
def test_one_setting_changed_is_one_fact(said, event):
    given(registered()).when(update(**said)).then(event)


def test_the_right_password_is_a_visit():
    given(registered()).when(SIGN_IN).then(SignedIn(**WHO))


def test_a_wrong_password_is_a_fact_too():
    given(registered()).when(WRONG_PASSWORD).then(SignInFailed(**WHO))


@pytest.mark.parametrize("past", [(), (registered(), CLOSED)], ids=["unknown", "closed"])
@pytest.mark.parametrize("command", [SIGN_IN, WRONG_PASSWORD], ids=["right password", "wrong password"])
def test_neither_strangers_nor_closed_accounts_sign_in_and_both_read_the_same(past, command):
    refusal = given(*past).when(command).then_rejected(WrongCredentials)
    assert str(refusal) == "email or password is invalid"


def test_staff_may_enter_the_admin_and_superusers_may_do_everything_there():
    given(registered()).when(GrantStaff(**WHO)).then(STAFF)
    given(registered()).when(GrantStaff(**WHO, superuser=True)).then(SUPERUSER)


@pytest.mark.parametrize("granted", [STAFF, SUPERUSER], ids=["staff", "superuser"])
def test_granting_what_is_granted_changes_nothing(granted):
    given(registered(), granted).when(GrantStaff(**WHO, superuser=granted.superuser)).then_nothing()


def test_staff_can_become_superuser_and_a_superuser_plain_staff():
    given(registered(), STAFF).when(GrantStaff(**WHO, superuser=True)).then(SUPERUSER)
    given(registered(), SUPERUSER).when(GrantStaff(**WHO)).then(STAFF)


@pytest.mark.parametrize("granted", [STAFF, SUPERUSER], ids=["staff", "superuser"])
def test_rights_can_be_taken_away(granted):
    given(registered(), granted).when(RevokeStaff(**WHO)).then(StaffRevoked(**WHO))


@pytest.mark.parametrize("past", [(), (STAFF, StaffRevoked(**WHO))], ids=["never staff", "no more"])
def test_rights_that_nobody_has_cannot_be_missed(past):
    given(registered(), *past).when(RevokeStaff(**WHO)).then_nothing()


def test_permissions_let_into_the_admin_for_just_that():
    look = GrantPermissions(**WHO, permissions=("b.look", "a.look", "b.look"))
    granted = PermissionsGranted(**WHO, permissions=("a.look", "b.look"))
    given(registered()).when(look).then(STAFF, granted)
    given(registered(), SUPERUSER).when(look).then(granted)
    given(registered(), STAFF, granted).when(look).then_nothing()


def test_permissions_replace_the_former_ones_and_end_with_the_rights():
    granted = PermissionsGranted(**WHO, permissions=("a.look",))
    none = GrantPermissions(**WHO, permissions=())
    given(registered(), STAFF, granted).when(none).then(PermissionsGranted(**WHO, permissions=()))
    given(registered(), STAFF, granted, StaffRevoked(**WHO)).when(none).then(STAFF)


def test_rights_taken_away_can_be_granted_again():
    given(registered(), SUPERUSER, StaffRevoked(**WHO)).when(GrantStaff(**WHO, superuser=True)).then(
        SUPERUSER
    )


def test_closing_an_account_gives_no_name_away():
    given(registered()).when(CloseAccount(**WHO)).then(CLOSED).naming()


def test_closing_what_is_closed_changes_nothing():
    given(registered(), CLOSED).when(CloseAccount(**WHO)).then_nothing()


def test_every_account_is_a_stream_of_its_own():
    commands = [register(), *CHANGES.values(), SIGN_IN, CloseAccount(**WHO)]
    assert {user.stream(command) for command in commands} == {f"user-{JAKE}"}
