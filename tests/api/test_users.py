"""Registering, logging in, and what one may change about oneself, through the API."""

from hashlib import sha256
from itertools import product

from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import credentials, tokens
from accounts.commands import CloseAccount
from accounts.models import ApiToken
from conduit.models import GivenAnswer
from eventstore.dispatch import dispatch
from eventstore.log import head, read_all
from eventstore.models import Command
from tests.api.program import Program
from tests.cast import PASSWORD

ANA = {"username": "ana", "email": "ana@conduit.example", "password": "password"}


def register(**changes):
    return Program().post("/users", {"user": ANA | changes})


def log_in(email, password):
    return Program().post("/users/login", {"user": {"email": email, "password": password}})


def test_registering_gives_a_user_with_a_token_that_works(database):
    answer = register()
    assert answer.status == 201
    token = answer.said["user"]["token"]
    user = {"username": "ana", "email": "ana@conduit.example", "bio": None, "image": None, "token": token}
    assert answer.said == Program(token=token).get("/user").said == {"user": user}


def test_any_password_of_eight_characters_will_do(database):
    for nth, password in enumerate(("password123", "password", "bonjour1", "a" * 64)):
        email = f"ana{nth}@conduit.example"
        assert register(username=f"ana{nth}", email=email, password=password).status == 201
        assert log_in(email, password).status == 200


def test_nothing_about_a_new_user_may_be_blank(database):
    for name, blank in product(("username", "email", "password"), ("", None)):
        answer = register(**{name: blank})
        assert (answer.status, answer.errors) == (422, {name: ["can't be blank"]})


def test_everything_that_is_wrong_with_a_new_user_is_said_at_once(database):
    answer = Program().post("/users", {"user": {"username": 7, "email": "  "}})
    assert answer.status == 422
    assert answer.errors == {
        "username": ["must be a string"],
        "email": ["can't be blank"],
        "password": ["can't be blank"],
    }
    assert head() == 0


def test_a_name_that_is_somebody_s_in_any_spelling_is_taken(database):
    register()
    for spelling in ("ana", "ANA", "Ａna"):
        answer = register(username=spelling, email="other@conduit.example")
        assert (answer.status, answer.errors) == (409, {"username": ["has already been taken"]})


def test_an_address_that_is_somebody_s_in_any_spelling_is_taken(database):
    register()
    for spelling in ("ana@conduit.example", "Ana@Conduit.Example"):
        answer = register(username="other", email=spelling)
        assert (answer.status, answer.errors) == (409, {"email": ["has already been taken"]})


def test_both_that_are_taken_are_said(database):
    register()
    assert register().errors.keys() == {"username", "email"}


def test_long_names_with_underscores_are_names(database):
    for name in ("authz_a_12345678901234567", "ea_blankp_1_2_3", "auth_1700000000000_upd"):
        assert register(username=name, email=f"celeb_{name}@mail.com").status == 201


def test_what_a_client_may_not_say_of_a_user_is_ignored(database):
    said = ANA | {"id": 1, "is_staff": True, "bio": "x", "command_id": "0190a000-0000-7000-8000-000000000000"}
    assert Program().post("/users", {"user": said}).said["user"]["bio"] is None
    [command] = Command.objects.filter(name="accounts.register_user")
    assert str(command.id) != said["command_id"]


def test_logging_in_gives_the_user_and_another_token(cast, jake):
    answer = log_in(cast.jake.email, PASSWORD)
    assert answer.status == 200
    assert answer.said["user"]["username"] == "jake"
    assert answer.said["user"]["token"] not in {"", jake.token}
    assert jake.get("/user").status == 200


def test_logging_in_needs_an_address_and_a_password(database):
    assert log_in("", "password").errors == {"email": ["can't be blank"]}
    assert log_in("ana@conduit.example", None).errors == {"password": ["can't be blank"]}
    assert log_in(1, True).errors == {"email": ["must be a string"], "password": ["must be a string"]}
    assert log_in("", "").status == 422


def test_a_wrong_password_and_an_unknown_address_are_told_alike(cast):
    for email in (cast.jake.email, "nobody@conduit.example", "\u202e"):
        answer = log_in(email, "wrong password")
        assert (answer.status, answer.errors) == (401, {"credentials": ["invalid"]})


def test_a_bearer_is_as_good_as_a_token(jake):
    known = Program().get("/user", Authorization=f"Bearer {jake.token}")
    assert known.said["user"]["username"] == "jake"
    assert known.said["user"]["token"] == jake.token
    assert Program().get("/user", Authorization=f"token  {jake.token} ").status == 200


def test_a_token_that_is_nobody_s_is_invalid_everywhere(database):
    headers = ("Token nonsense", "Bearer é", "Basic amFrZTpqYWtl", "Digest x", "x")
    for header, path in product(headers, ("/user", "/articles", "/profiles/jake")):
        answer = Program().get(path, Authorization=header)
        assert (answer.status, answer.errors) == (401, {"token": ["is invalid"]})


def test_a_good_token_in_another_scheme_is_nobody_s(jake):
    for header in (jake.token, f"{jake.token} Basic", f"Basic {jake.token}", f"Tok {jake.token}"):
        answer = Program().get("/user", Authorization=header)
        assert (answer.status, answer.errors) == (401, {"token": ["is invalid"]})


def test_no_token_is_missing(database):
    for header in ("", " ", "Token", "Token ", "Bearer"):
        assert Program().get("/user", Authorization=header).errors == {"token": ["is missing"]}
        assert Program().get("/articles", Authorization=header).status == 200


def test_a_stale_token_does_not_keep_anybody_from_logging_in(cast):
    said = {"user": {"email": cast.jake.email, "password": PASSWORD}}
    assert Program().post("/users/login", said, Authorization="Token stale").status == 200
    assert Program().post("/users", {"user": ANA}, Authorization="Token stale").status == 201


def test_changing_one_thing_leaves_the_others(jake):
    before = jake.get("/user").said["user"]
    for said in (
        {"bio": "Writes."},
        {"image": "https://x.example/j.png"},
        {"username": "jacob"},
        {"email": "j@x.example"},
    ):
        before |= said
        assert jake.put("/user", {"user": said}).said["user"] == before
    assert jake.get("/user").said["user"] == before


def test_what_is_emptied_is_null(jake):
    for name, nothing in product(("bio", "image"), ("", None)):
        assert jake.put("/user", {"user": {name: "Something"}}).said["user"][name] == "Something"
        assert jake.put("/user", {"user": {name: nothing}}).said["user"][name] is None
        assert jake.get("/user").said["user"][name] is None


def test_an_image_is_whatever_it_is_said_to_be(jake):
    for image in ("javascript:alert(1)", "data:text/html,<b>", 'https://x"onerror="y', "x"):
        assert jake.put("/user", {"user": {"image": image}}).said["user"]["image"] == image


def test_what_one_must_have_can_t_be_blanked(jake):
    for name, blank in product(("username", "email", "password"), ("", None)):
        answer = jake.put("/user", {"user": {name: blank}})
        assert (answer.status, answer.errors) == (422, {name: ["can't be blank"]})


def test_a_password_of_seven_characters_is_too_short(jake):
    answer = jake.put("/user", {"user": {"password": "1234567"}})
    assert answer.status == 422
    assert "too short" in answer.errors["password"][0]


def test_one_s_own_address_once_more_is_no_change(cast, jake):
    before = head()
    assert jake.put("/user", {"user": {"email": cast.jake.email, "username": "jake"}}).status == 200
    assert jake.put("/user", {"user": {}}).status == 200
    assert head() == before


def test_somebody_else_s_name_or_address_is_taken(cast, jake):
    assert cast.jane
    assert jake.put("/user", {"user": {"username": "JANE"}}).errors == {
        "username": ["has already been taken"]
    }
    answer = jake.put("/user", {"user": {"email": cast.jane.email}})
    assert (answer.status, answer.errors) == (409, {"email": ["has already been taken"]})


def test_a_new_password_ends_the_other_tokens_and_sessions_and_keeps_the_token_in_use(cast, jake):
    other, browser = Program(cast.jake), cast.jake.browser
    jane = Program(cast.jane)
    for password in ("bonjour1", "a" * 64):
        assert jake.put("/user", {"user": {"password": password}}).said["user"]["token"] == jake.token
        assert jake.get("/user").status == 200
    assert other.get("/user").status == 401
    assert browser.get("/settings").status_code == 302
    assert jane.get("/user").status == 200
    assert log_in(cast.jake.email, PASSWORD).status == 401
    assert log_in(cast.jake.email, "a" * 64).status == 200


def test_a_password_that_was_refused_changes_nothing(cast, jake):
    other = Program(cast.jake)
    assert cast.jane
    assert jake.put("/user", {"user": {"password": "bonjour1", "username": "jane"}}).status == 409
    assert other.get("/user").status == 200
    assert log_in(cast.jake.email, PASSWORD).status == 200


def test_other_changes_end_no_token(cast, jake):
    other = Program(cast.jake)
    jake.put("/user", {"user": {"username": "jacob", "email": "jacob@x.example"}})
    assert other.get("/user").said["user"]["username"] == "jacob"


def test_a_token_is_kept_as_its_digest_only(cast, jake):
    [kept] = ApiToken.objects.all()
    assert bytes(kept.digest) == sha256(jake.token.encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM accounts_apitoken AS t WHERE t::text LIKE %s", [f"%{jake.token}%"]
        )
        assert cursor.fetchone() == (0,)


def test_no_secret_gets_into_the_log(database):
    token = register(password="a very secret password").said["user"]["token"]
    Program(token=token).put("/user", {"user": {"password": "another secret one"}})
    log = " ".join(map(repr, read_all())) + " ".join(str(vars(row)) for row in Command.objects.all())
    assert "secret" not in log
    assert token not in log


def test_another_password_under_the_same_key_is_refused_even_if_no_answer_was_kept(cast, jake):
    def changed(password):
        answer = jake.put("/user", {"user": {"password": password}}, **{"Idempotency-Key": "mine"})
        GivenAnswer.objects.all().delete()
        return answer.status

    assert [changed(password) for password in ("a third one", "a third one", "a fourth one")] == [
        200,
        200,
        422,
    ]
    login = [{"email": cast.jake.email, "password": password} for password in ("a third one", "a fourth one")]
    assert [Program().post("/users/login", {"user": said}).status for said in login] == [200, 401]


def test_the_use_of_a_token_is_noted_now_and_then(cast, jake, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert jake.get("/user").status == 200
    long_ago = timezone.now() - tokens.NOTED_EVERY * 2
    ApiToken.objects.update(last_used_at=long_ago)
    with django_assert_num_queries(2):
        jake.get("/user")
    assert ApiToken.objects.get().last_used_at > long_ago


def test_a_token_too_many_ends_the_one_that_was_used_longest_ago(cast, jake, jane, monkeypatch):
    monkeypatch.setattr(tokens, "MOST", 4)
    used, *others = [Program(cast.jake) for _ in range(3)]
    ApiToken.objects.update(last_used_at=timezone.now() - tokens.NOTED_EVERY * 2)
    used.get("/user")
    newer = [Program(cast.jake) for _ in range(3)]
    assert ApiToken.objects.filter(user_id=cast.jake.id).count() == 4
    assert [program.get("/user").status for program in (used, *newer, jane)] == [200] * 5
    assert [program.get("/user").status for program in (jake, *others)] == [401] * 3


def test_however_often_a_program_logs_in_its_person_s_tokens_fit_on_a_page(cast):
    proof = credentials.proof(cast.jake.id, PASSWORD)
    given = [tokens.issue(proof, "a program") for _ in range(120)]
    assert len(tokens.of(cast.jake.id)) == tokens.MOST
    assert [tokens.is_known(token) for token in given] == [False] * 70 + [True] * 50


def test_whoever_acts_by_a_token_is_the_actor(cast, jake):
    jake.put("/user", {"user": {"bio": "Writes."}})
    assert Command.objects.get(name="accounts.update_user").actor_id == cast.jake.id


def test_a_session_lends_nobody_s_name(cast):
    session = cast.jake.browser.cookies["sessionid"].value
    browser = Client()
    browser.cookies["sessionid"] = session
    response = browser.get("/api/user")
    assert response.status_code == 401
    assert browser.post("/api/articles", {}, content_type="application/json").status_code == 401
    assert "Cookie" not in response.headers["Vary"]
    assert not response.cookies
    assert "no-store" not in browser.get("/api/tags").headers.get("Cache-Control", "")
    said = {"user": {"email": cast.jake.email, "password": PASSWORD}}
    assert not browser.post("/api/users/login", said, content_type="application/json").cookies


def test_a_closed_account_is_nobody(cast, jake):
    dispatch(CloseAccount(user_id=cast.jake.id))
    assert jake.get("/user").errors == {"token": ["is invalid"]}
    assert log_in(cast.jake.email, PASSWORD).status == 401


def test_a_user_s_answer_is_kept_by_nobody(jake):
    assert jake.get("/user").headers["Cache-Control"] == "no-store"
    assert jake.get("/articles").headers["Cache-Control"] == "private, no-cache"
