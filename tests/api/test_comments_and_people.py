"""Comments and profiles through the API."""

import pytest

from eventstore.log import head
from tests.api.program import Program


@pytest.fixture
def article(cast):
    return f"/articles/{cast.jake.publishes().slug}"


def say(program, article, body="A's comment"):
    answer = program.post(f"{article}/comments", {"comment": {"body": body}})
    assert answer.status == 201
    return answer.said["comment"]


def said_below(article, program=None):
    return (program or Program()).get(f"{article}/comments").said["comments"]


def test_a_comment_has_a_number_and_is_there_for_everybody(article, jane):
    comment = say(jane, article)
    assert type(comment["id"]) is int
    assert comment["body"] == "A's comment"
    assert comment["createdAt"] == comment["updatedAt"]
    assert comment["author"]["username"] == "jane"
    assert said_below(article) == said_below(article, jane) == [comment]


def test_comments_are_in_the_order_in_which_they_were_said(article, jane):
    assert said_below(article) == []
    ids = [say(jane, article)["id"] for _ in range(2)]
    assert [comment["id"] for comment in said_below(article)] == ids


def test_whose_words_one_follows_is_seen(article, jake, jane):
    say(jane, article)
    jake.post("/profiles/jane/follow")
    following = [said_below(article, who)[0]["author"]["following"] for who in (jake, jane, None)]
    assert following == [True, False, False]


def test_a_comment_says_something(article, jane):
    for nothing, why in (
        ("", "can't be blank"),
        (" ", "can't be blank"),
        (None, "can't be blank"),
        (0, "must be a string"),
    ):
        answer = jane.post(f"{article}/comments", {"comment": {"body": nothing}})
        assert (answer.status, answer.errors) == (422, {"body": [why]})
    assert jane.post(f"{article}/comments", {"comment": {}}).errors == {"body": ["can't be blank"]}


def test_a_comment_is_taken_back_by_whoever_said_it_and_the_others_stay(article, jane, mallory):
    first, second = say(jane, article), say(jane, article)
    answer = mallory.delete(f"{article}/comments/{first['id']}")
    assert (answer.status, answer.errors) == (403, {"comment": ["forbidden"]})
    assert said_below(article) == [first, second]
    answer = jane.delete(f"{article}/comments/{first['id']}")
    assert (answer.status, answer.said) == (204, None)
    assert said_below(article) == [second]
    assert jane.delete(f"{article}/comments/{first['id']}").errors == {"comment": ["not found"]}


NO_NUMBERS = ["99999", "0", "-1", "x", "1_0", "٣", str(2**63), str(2**64), "9" * 5000, "1.0"]


def test_what_is_no_comment_s_number_is_not_found(article, jane):
    for number in NO_NUMBERS:
        answer = jane.delete(f"{article}/comments/{number}")
        assert (answer.status, answer.errors) == (404, {"comment": ["not found"]})


def test_a_comment_belongs_to_its_article(cast, article, jane):
    comment = say(jane, article)
    other = cast.jake.publishes("Other")
    assert jane.delete(f"/articles/{other.slug}/comments/{comment['id']}").status == 404
    assert said_below(article) == [comment]


def test_comments_go_with_their_article(article, jake, jane):
    comment = say(jane, article)
    jake.delete(article)
    assert jane.get(f"{article}/comments").errors == {"article": ["not found"]}
    assert jane.delete(f"{article}/comments/{comment['id']}").errors == {"article": ["not found"]}


def test_a_profile_is_for_everybody(cast, jake):
    jake.put("/user", {"user": {"bio": "Writes.", "image": "x"}})
    profile = {"username": "jake", "bio": "Writes.", "image": "x", "following": False}
    assert jake.get("/profiles/jake").said == Program().get("/profiles/jake").said == {"profile": profile}
    assert Program(cast.jane).get("/profiles/jane").said["profile"]["bio"] is None


def test_a_former_name_and_any_spelling_find_their_owner(jake):
    jake.put("/user", {"user": {"username": "jacob"}})
    for name in ("jake", "JACOB", "ｊacob"):
        assert jake.get(f"/profiles/{name}").said["profile"]["username"] == "jacob"


def test_following_and_unfollowing_stay_and_may_be_repeated(cast, jake):
    assert cast.jane
    for act, following in ((jake.post, True), (jake.post, True), (jake.delete, False), (jake.delete, False)):
        answer = act("/profiles/jane/follow")
        assert (answer.status, answer.said["profile"]["following"]) == (200, following)
        assert jake.get("/profiles/jane").said == answer.said
        assert Program().get("/profiles/jane").said["profile"]["following"] is False


def test_nobody_follows_themselves(jake):
    before = head()
    assert jake.post("/profiles/jake/follow").errors == {"profile": ["Nobody can follow themselves."]}
    assert jake.delete("/profiles/jake/follow").status == 200
    assert head() == before
