"""Writing and rewording: nothing that was typed is lost, nothing is published twice, nobody is overwritten unasked."""

from blog.commands import EditArticle
from eventstore.dispatch import dispatch
from eventstore.log import head
from tests.pages.reading import HTMX, see, send
from tests.pages.tour import TEXT

WORDS = {"title": "Dragons", "description": "Ever wonder how?", "body": "You have to *believe*."}


def new(browser):
    return see(browser.get("/editor")).one("#editor")


def errors(response):
    return see(response).texts(".error-messages > li")


def test_the_editor_is_for_who_is_signed_in(cast, client):
    article = cast.jake.publishes()
    for path in ("/editor", f"/editor/{article.slug}"):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (302, f"/login?next={path}")
        assert client.post(path, WORDS).status_code == 302


def test_the_fields_are_named_as_their_users_expect(cast):
    form = new(cast.jake.browser)
    assert {field["name"]: field["placeholder"] for field in form.all("[placeholder]")} == {
        "title": "Article Title",
        "description": "What's this article about?",
        "body": "Write your article (in markdown)",
        "tags": "Enter tags",
    }
    assert form.one("textarea")["name"] == "body"
    assert form.one("button[type=submit]").text == "Publish Article"
    assert form.one(".tag-list")


def test_publishing_leads_to_the_article_which_everybody_sees(cast, client):
    jake = cast.jake.browser
    response = send(jake, new(jake), **WORDS, tags="fire, scales")
    assert (response.status_code, response["Location"]) == (302, "/article/dragons")
    page = see(jake.get("/article/dragons"))
    assert page.one("h1").text == "Dragons"
    assert page.texts("ul.tag-list > li") == ["fire", "scales"]
    assert see(client.get("/")).texts(".article-preview h1") == ["Dragons"]
    assert see(client.get("/profile/jake")).texts(".article-preview h1") == ["Dragons"]


def test_tags_come_from_any_number_of_fields_with_any_number_in_each(cast):
    jake = cast.jake.browser
    for tags in (["a", "b, c"], ["a, b ,c", ""], [" c", "b", "a,,a"], ["c,b,a"]):
        address = send(jake, new(jake), **WORDS, tags=tags)["Location"]
        assert see(jake.get(address)).texts("ul.tag-list > li") == ["a", "b", "c"]


def test_every_mistake_is_named_and_everything_typed_is_kept(cast):
    jake = cast.jake.browser
    before = head()
    response = send(jake, new(jake), title="", description=" ", body="", tags="fire")
    assert response.status_code == 422
    assert errors(response) == ["title can't be blank", "description can't be blank", "body can't be blank"]
    page = see(response)
    assert page.one("title").text.startswith("Error: ")
    assert [link["href"] for link in page.all(".error-messages a")] == ["#title", "#description", "#body"]
    for name in ("title", "description", "body"):
        field = page.one(f"[id={name}]")
        assert field["aria-invalid"] == "true"
        assert page.one(f"#{field['aria-describedby'].split()[-1]}").text
    assert page.one("input[name=tags]")["value"] == "fire"
    assert head() == before


def test_what_is_too_long_is_refused_with_its_limit(cast):
    jake = cast.jake.browser
    words = {"title": "t" * 300, "description": "d" * 501, "body": "b" * 65_537, "tags": "x" * 41}
    response = send(jake, new(jake), **words)
    assert response.status_code == 422
    assert [message.partition(" (")[2].rstrip(")") for message in errors(response)] == [
        f"maximum is {most} characters" for most in ("200", "500", "65,536", "40")
    ]
    page = see(response)
    assert page.one("input[name=title]")["value"] == words["title"]
    assert page.one("textarea").text == words["body"]


def test_thirty_tags_are_enough(cast):
    jake = cast.jake.browser
    tags = ",".join(f"tag {n}" for n in range(31))
    response = send(jake, new(jake), **WORDS, tags=tags)
    assert response.status_code == 422
    assert errors(response) == ["tags can be at most 30"]
    assert see(response).one("input[name=tags]")["value"].count(",") == 30


def test_a_text_keeps_its_first_line_and_its_blanks(cast):
    """A browser drops a line break that a textarea begins with, and sends others as CR LF."""
    jake = cast.jake.browser
    body = "\r\n    code\r\n\r\nAnd more.  \r\n"
    address = send(jake, new(jake), **WORDS | {"body": body})["Location"]
    form = see(jake.get(address.replace("article", "editor"))).one("#editor")
    assert form.fields["body"] == [body.replace("\r\n", "\n")]


def test_a_form_sent_twice_is_one_article(cast):
    jake = cast.jake.browser
    form = new(jake)
    answers = [send(jake, form, **WORDS)["Location"] for _ in range(2)]
    assert answers == ["/article/dragons"] * 2
    assert see(jake.get("/")).texts(".article-preview h1") == ["Dragons"]


def test_a_form_sent_again_after_a_mistake_is_another_command(cast):
    jake = cast.jake.browser
    response = send(jake, new(jake), **WORDS | {"body": ""})
    response = send(jake, see(response).one("#editor"), body="Now with a text")
    assert response["Location"] == "/article/dragons"


def test_somebody_else_s_form_is_not_one_s_own(cast):
    jake, mallory = cast.jake.browser, cast.mallory.browser
    form = new(jake)
    send(jake, form, **WORDS)
    before = head()
    response = mallory.post("/editor", {**WORDS, "command_id": form.fields["command_id"][0]})
    assert response.status_code == 422
    assert head() == before


# Rewording


def editor(browser, slug="dragons"):
    return see(browser.get(f"/editor/{slug}")).one("#editor")


def test_the_form_begins_with_what_stands_there(cast):
    cast.jake.publishes("Dragons", description="How?", body="# A <b>\n", tags=("fire", "scales"))
    fields = editor(cast.jake.browser).fields
    assert {name: fields[name] for name in ("title", "description", "body", "tags", "version")} == {
        "title": ["Dragons"],
        "description": ["How?"],
        "body": ["# A <b>\n"],
        "tags": ["fire, scales"],
        "version": ["1"],
    }


def test_rewording_leads_to_the_article_and_keeps_its_tags(cast):
    cast.jake.publishes("Dragons", tags=("fire",))
    jake = cast.jake.browser
    response = send(jake, editor(jake), title="Wyverns")
    assert (response.status_code, response["Location"]) == (302, "/article/wyverns")
    page = see(jake.get("/article/wyverns"))
    assert page.one("h1").text == "Wyverns"
    assert page.texts("ul.tag-list > li") == ["fire"]
    assert jake.get("/article/dragons").status_code == 301


def test_no_tags_left_means_no_tags(cast):
    cast.jake.publishes("Dragons", tags=("fire",))
    jake = cast.jake.browser
    send(jake, editor(jake), tags="")
    assert see(jake.get("/article/dragons")).all(".tag-list") == []
    form = {name: values for name, values in editor(jake).fields.items() if name != "tags"}
    assert jake.post("/editor/dragons", form).status_code == 302


def test_saving_what_stands_there_already_is_no_version(cast):
    cast.jake.publishes("Dragons", tags=("fire",), body="Text\n")
    jake = cast.jake.browser
    before = head()
    assert send(jake, editor(jake))["Location"] == "/article/dragons"
    assert head() == before


def test_a_form_sent_twice_is_one_version(cast):
    cast.jake.publishes("Dragons")
    jake = cast.jake.browser
    form = editor(jake)
    for _ in range(2):
        assert send(jake, form, body="Reworded")["Location"] == "/article/dragons"
    assert editor(jake).fields["version"] == ["2"]


def test_mistakes_in_rewording_are_named_too(cast):
    cast.jake.publishes("Dragons")
    jake = cast.jake.browser
    response = send(jake, editor(jake), title="")
    assert response.status_code == 422
    page = see(response)
    assert page.one("#editor")["action"] == "/editor/dragons"
    assert page.one("input[name=title]")["value"] == ""
    assert page.one("input[name=version]")["value"] == "1"


def test_a_version_in_between_is_shown_beside_what_was_typed(cast):
    article = cast.jake.publishes("Dragons", body="First")
    jake = cast.jake.browser
    form = editor(jake)
    dispatch(
        EditArticle(article_id=article.id, author_id=cast.jake.id, body="From the other tab", tags=("new",))
    )
    before = head()
    response = send(jake, form, body="From this tab", tags="old")
    assert response.status_code == 409
    assert head() == before
    page = see(response)
    assert page.one("#editor textarea").text == "From this tab"
    assert page.one("#editor input[name=tags]")["value"] == "old"
    assert page.one("#conflict-body").text == "From the other tab"
    assert "new" in page.one(".cx-conflict").text
    assert page.one("title").text.startswith("Error: ")
    response = send(jake, page.one("#editor"))
    assert response["Location"] == "/article/dragons"
    page = see(jake.get("/article/dragons"))
    assert page.one(".article-content").text == "From this tab"
    assert page.texts("ul.tag-list > li") == ["old"]


def test_a_third_version_is_a_conflict_again(cast):
    article = cast.jake.publishes("Dragons", body="First")
    jake = cast.jake.browser
    form = editor(jake)
    for body in ("Second", "Third"):
        dispatch(EditArticle(article_id=article.id, author_id=cast.jake.id, body=body))
        response = send(jake, form, body="Mine")
        assert response.status_code == 409
        assert see(response).one("#conflict-body").text == body
        form = see(response).one("#editor")


def test_nobody_rewords_or_deletes_what_somebody_else_wrote(cast):
    article = cast.jake.publishes("Dragons")
    mallory = cast.mallory.browser
    before = head()
    assert mallory.get("/editor/dragons").status_code == 403
    assert mallory.post("/editor/dragons", {**WORDS, "title": "Mine"}).status_code == 403
    for verb in ("delete", "restore"):
        response = mallory.post(f"{article.path}/{verb}")
        assert response.status_code == 403
        assert "Only its author" in see(response).one("main").text
        assert mallory.post(f"{article.path}/{verb}", headers=HTMX).status_code == 403
    assert head() == before


def test_what_a_form_does_not_ask_for_is_ignored(cast):
    jake = cast.jake.browser
    extra = {
        "author": str(cast.jane.id),
        "author_id": str(cast.jane.id),
        "slug": "mine",
        "favorites_count": "99",
        "created_at": "2001-01-01",
        "article_id": str(cast.jane.id),
        "is_staff": "1",
    }
    assert send(jake, new(jake), **WORDS, **extra)["Location"] == "/article/dragons"
    page = see(cast.jane.browser.get("/article/dragons"))
    assert page.all("a.author")[0].text == "jake"
    assert "(0)" in page.all(".counter")[0].text
    assert "2001" not in page.all("time")[0]["datetime"]


# Preview


def test_the_preview_is_what_the_page_will_show(cast):
    jake = cast.jake.browser
    preview = jake.post("/editor/preview", {"body": TEXT}, headers=HTMX).content.decode().strip()
    address = send(jake, new(jake), **WORDS | {"body": TEXT})["Location"]
    assert preview in jake.get(address).content.decode()
    assert "<table>" in preview


def test_the_preview_of_nothing_says_what_it_is_for(cast):
    response = cast.jake.browser.post("/editor/preview", {"body": ""}, headers=HTMX)
    assert response.status_code == 200
    assert see(response).one(".cx-hint").text


def test_the_preview_says_what_can_t_be_stored(cast):
    for body in ("a\x00b", "x" * 65_537):
        response = cast.jake.browser.post("/editor/preview", {"body": body}, headers=HTMX)
        assert response.status_code == 200
        assert "body" in see(response).one(".cx-error").text


def test_the_preview_is_for_who_is_signed_in(cast, client):
    assert client.post("/editor/preview", {"body": "*x*"})["Location"] == "/login?next=/editor"
    editor = HTMX | {"HX-Current-URL": "http://testserver/editor/dragons"}
    response = client.post("/editor/preview", {"body": "*x*"}, headers=editor)
    assert response.headers["HX-Redirect"] == "/login?next=/editor/dragons"
