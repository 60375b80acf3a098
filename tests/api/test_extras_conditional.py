"""What has not changed is not sent again, and what has changed is not replaced unseen."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from blog.forms import EditorForm
from eventstore.log import head
from tests.api.program import Program
from tests.eventstore.tools import at_once, one

DRAGON = {"title": "Dragons", "description": "How?", "body": "Believe."}
PATH = "/articles/dragons"


@pytest.fixture
def published(jake):
    return jake.post("/articles", {"article": DRAGON})


def test_an_article_has_another_tag_whenever_its_answer_differs(cast, jake, jane, visitor, published):
    changes = [
        lambda: jane.post(f"{PATH}/favorite"),
        lambda: jane.post("/profiles/jake/follow"),
        lambda: jake.put("/user", {"user": {"bio": "I skate."}}),
        lambda: jake.put("/user", {"user": {"username": "jacob"}}),
        lambda: jake.put(PATH, {"article": {"body": "Really."}}),
        lambda: jake.put(PATH, {"article": {"tagList": ["x"]}}),
        lambda: jane.delete(f"{PATH}/favorite"),
        lambda: None,
    ]
    seen = {}
    for change in changes:
        change()
        for program in (jake, jane, visitor):
            answer = program.get(PATH)
            assert seen.setdefault(answer.headers["ETag"], answer.said) == answer.said
    assert len({str(said) for said in seen.values()}) == len(seen) > 10
    assert not any(tag.startswith("W/") for tag in seen)


def test_the_tag_begins_with_the_version_of_the_article(jake, published):
    assert published.headers["ETag"].startswith('"1-')
    assert jake.put(PATH, {"article": {"body": "Really."}}).headers["ETag"].startswith('"2-')


def test_a_write_that_shows_the_article_has_the_tag_that_reading_it_has(jake, published):
    def agrees(written):
        return written.headers["ETag"] == jake.get(PATH).headers["ETag"]

    assert agrees(published)
    assert agrees(jake.put(PATH, {"article": {"body": "Really."}}))
    assert agrees(jake.post(f"{PATH}/favorite"))
    assert agrees(jake.delete(f"{PATH}/favorite"))


READS = (PATH, f"{PATH}/comments", "/articles", "/articles/feed", "/tags", "/profiles/jake")


def test_what_is_known_is_not_sent_again(jake, published):
    for path in READS:
        first = jake.get(path)
        tag = first.headers["ETag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            answer = jake.get(path, **{"If-None-Match": known})
            assert (answer.status, answer.said, answer.headers["ETag"]) == (304, None, tag), (path, known)
            assert not {"Content-Length", "Content-Type"} & set(answer.headers)
        assert jake.ask("HEAD", path, **{"If-None-Match": tag}).status == 304


def test_what_is_not_known_is_sent(jake, jane, published):
    for path in READS:
        tag = jake.get(path).headers["ETag"]
        for other in ('"x"', tag.strip('"'), "", '"', tag[:-2] + '"'):
            assert jake.get(path, **{"If-None-Match": other}).status == 200, (path, other)
    tag = jane.get(PATH).headers["ETag"]
    jane.post(f"{PATH}/favorite")
    assert jane.get(PATH, **{"If-None-Match": tag}).status == 200


def test_nobody_keeps_what_has_a_token_in_it(jake):
    assert "ETag" not in jake.get("/user").headers
    assert jake.get("/user", **{"If-None-Match": "*"}).status == 200


def test_what_is_missing_has_no_tag(jake):
    answer = jake.get("/articles/unknown", **{"If-None-Match": "*"})
    assert (answer.status, "ETag" in answer.headers) == (404, False)


CHANGED = (412, {"article": ["was changed meanwhile"]})


def changes(program, tag, body="Really."):
    return program.put(PATH, {"article": {"body": body}}, **{"If-Match": tag})


def test_an_edit_of_another_version_is_refused_and_nothing_is_appended(jake, published):
    old = published.headers["ETag"]
    new = changes(jake, old).headers["ETag"]
    before = head()
    for tag in (old, f"W/{new}", '"x"', "", "2", '"2-"', '"2"', '"99999999999999999999-00"', '"٢-00"'):
        answer = changes(jake, tag, "Not this.")
        assert (answer.status, answer.errors) == CHANGED, tag
        assert (answer := jake.delete(PATH, **{"If-Match": tag})).status == 412, tag
    assert head() == before
    assert jake.get(PATH).headers["ETag"] == new
    assert one("SELECT count(*) FROM eventstore_command WHERE reason LIKE 'EditedMeanwhile%%'") == 18


def test_an_edit_of_this_version_is_made(jake, jane, published):
    tag = published.headers["ETag"]
    jane.post(f"{PATH}/favorite")  # changes the answer, not the version
    second = changes(jake, f'"x", {tag}, "7-00"')
    assert second.status == 200
    assert changes(jake, "*", "Any.").status == 200
    assert jake.delete(PATH, **{"If-Match": second.headers["ETag"]}).status == 412
    assert jake.delete(PATH, **{"If-Match": jake.get(PATH).headers["ETag"]}).status == 204
    assert jake.get(PATH).status == 404


def test_whose_it_is_and_what_was_sent_comes_before_which_version(visitor, jake, mallory, published):
    old = {"If-Match": '"9-00"'}
    assert visitor.put(PATH, {}, **old).status == visitor.delete(PATH, **old).status == 401
    assert jake.put("/articles/x", {}, **old).status == jake.delete("/articles/x", **old).status == 404
    assert mallory.put(PATH, {}, **old).status == mallory.delete(PATH, **old).status == 403
    assert jake.put(PATH, {"article": {"title": ""}}, **old).status == 422


def test_of_many_edits_of_one_version_one_is_made(jake, published):
    tag, before = published.headers["ETag"], head()
    answers = at_once(10, lambda nth: changes(jake, tag, f"Text {nth}"))
    assert sorted(answer.status for answer in answers) == [200] + [412] * 9
    assert head() == before + 1
    [made] = [answer for answer in answers if answer.status == 200]
    assert jake.get(PATH).said == made.said


def test_of_an_edit_and_a_deletion_of_one_version_one_is_made(jake, published):
    tag, before = published.headers["ETag"], head()
    does = [lambda: changes(jake, tag), lambda: jake.delete(PATH, **{"If-Match": tag})]
    assert sorted(answer.status for answer in at_once(2, lambda nth: does[nth]())) in (
        [200, 412], [204, 404], [204, 412],
    )  # fmt: skip
    assert head() == before + 1


def test_the_version_is_compared_where_it_is_decided(jake, published, monkeypatch):
    """Somebody edits after the request has read the article and before its command is decided."""
    edit, other, tag = EditorForm.edit, Program(token=jake.token), published.headers["ETag"]

    def late(*args):
        monkeypatch.setattr(EditorForm, "edit", edit)
        with ThreadPoolExecutor(1) as thread:
            assert thread.submit(changes, other, tag, "First.").result().status == 200
        return edit(*args)

    monkeypatch.setattr(EditorForm, "edit", late)
    assert changes(jake, tag, "Second.").status == 412
    assert jake.get(PATH).said["article"]["body"] == "First."
