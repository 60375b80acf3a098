"""What is said below an article: said once, taken back by whoever said it, and said after all."""

from eventstore.log import head
from tests.pages.reading import HTMX, see, send


def said(page):
    return page.texts(".card:not(.comment-form) p.card-text")


def deletion(page):
    return page.one("form[action*=/comments/][action*=/delete]")


def test_a_reader_finds_a_form(cast):
    article = cast.jake.publishes()
    form = see(cast.jane.browser.get(article.path)).one("form.card.comment-form")
    assert form.one("textarea").text == ""
    assert form.one("textarea")["placeholder"] == "Write a comment..."
    assert form.one("img.comment-author-img")["src"].endswith("default-avatar.svg")
    assert form.one("button").text == "Post Comment"


def test_a_visitor_finds_the_way_to_one(cast, client):
    article = cast.jake.publishes()
    page = see(client.get(article.path))
    assert page.all("textarea") == []
    prompt = page.one(".cx-prompt")
    assert prompt.text.startswith("Sign in or sign up to add comments")
    assert [link["href"] for link in prompt.all("a")] == [
        f"/login?next={article.path}",
        f"/register?next={article.path}",
    ]


def test_a_comment_is_posted_and_the_page_comes_back(cast):
    article = cast.jake.publishes()
    jane = cast.jane.browser
    response = send(jane, see(jane.get(article.path)).one("#comment-form"), body="Well said.")
    assert (response.status_code, response["Location"]) == (302, f"{article.path}#comments")
    page = see(jane.get(article.path))
    assert said(page) == ["Well said."]
    assert page.one("#comment-form textarea").text == ""


def test_a_comment_is_built_as_its_readers_expect(cast, client):
    article = cast.jake.publishes()
    cast.jane.says("Well said.", article)
    card = see(client.get(article.path)).one(".card")
    assert card.one(".card-block > p.card-text").text == "Well said."
    assert [link["href"] for link in card.all(".card-footer a.comment-author")] == ["/profile/jane"] * 2
    assert card.one("a.comment-author > img.comment-author-img")["src"].endswith("default-avatar.svg")
    assert card.texts("a.comment-author") == ["", "jane"]
    assert card.one(".card-footer span.date-posted time[datetime]")
    assert card.all(".card .card") == card.all("i.ion-trash-a") == []


def test_only_its_author_finds_the_bin(cast):
    article = cast.jake.publishes()
    cast.jane.says("Mine", article)
    cast.jake.says("Yours", article)
    page = see(cast.jane.browser.get(article.path))
    mine, yours = page.all(".card:not(.comment-form)")
    button = mine.one("span.mod-options button")
    assert button.one("i.ion-trash-a")
    assert page.one(f"#{button['form']}")["action"].endswith("/delete")
    assert yours.all(".mod-options") == []


def test_comments_stand_in_the_order_in_which_they_were_said(cast, client):
    article = cast.jake.publishes()
    for words in ("One", "Two", "Three"):
        cast.jane.says(words, article)
    page = see(client.get(article.path))
    assert said(page) == ["One", "Two", "Three"]
    assert page.one("#comments-heading").text == "Comments 3"


def test_a_long_comment_of_several_lines_is_one_paragraph(cast, client):
    article = cast.jake.publishes()
    words = "Line one\n\nLine two " + "word " * 290
    cast.jane.says(words, article)
    assert see(client.get(article.path)).one("p.card-text").raw_text == words


def test_htmx_gets_the_whole_discussion_with_an_empty_form(cast):
    article = cast.jake.publishes()
    jane = cast.jane.browser
    form = see(jane.get(article.path)).one("#comment-form")
    response = send(jane, form, headers=HTMX, body="Well said.")
    assert response.status_code == 200
    fragment = see(response)
    assert fragment.one("#comments").one("#comment-form textarea").text == ""
    assert said(fragment) == ["Well said."]
    assert fragment.one("#comment-form").fields["command_id"] != form.fields["command_id"]
    assert fragment.all("html") == []


def test_an_empty_comment_is_not_posted_and_says_why(cast):
    article = cast.jake.publishes()
    jane = cast.jane.browser
    for headers in ({}, HTMX):
        before = head()
        response = send(jane, see(jane.get(article.path)).one("#comment-form"), headers=headers, body="  ")
        assert response.status_code == 422
        page = see(response)
        assert page.texts(".error-messages > li") == ["body can't be blank"]
        assert page.one("textarea")["aria-invalid"] == "true"
        assert head() == before


def test_a_comment_that_is_too_long_stays_in_the_form(cast):
    article = cast.jake.publishes()
    jane = cast.jane.browser
    words = "x" * 8193
    response = send(jane, see(jane.get(article.path)).one("#comment-form"), headers=HTMX, body=words)
    assert response.status_code == 422
    assert see(response).one("textarea").text == words
    assert "8,192" in see(response).one(".error-messages").text


def test_a_form_sent_twice_is_one_comment(cast):
    article = cast.jake.publishes()
    jane = cast.jane.browser
    form = see(jane.get(article.path)).one("#comment-form")
    for _ in range(2):
        assert send(jane, form, body="Well said.").status_code == 302
    assert said(see(jane.get(article.path))) == ["Well said."]


def test_a_form_sent_again_with_other_words_is_refused_until_it_is_meant(cast):
    article = cast.jake.publishes()
    jane = cast.jane.browser
    form = see(jane.get(article.path)).one("#comment-form")
    send(jane, form, body="One")
    response = send(jane, form, body="Two")
    assert response.status_code == 422
    send(jane, see(response).one("#comment-form"))
    assert said(see(jane.get(article.path))) == ["One", "Two"]


def test_a_comment_is_deleted_with_one_click_and_comes_back_with_another(cast):
    article = cast.jake.publishes()
    cast.jane.says("Hasty", article)
    jane = cast.jane.browser
    response = send(jane, deletion(see(jane.get(article.path))))
    assert (response.status_code, response["Location"]) == (302, f"{article.path}#comments")
    page = see(jane.get(article.path))
    assert said(page) == []
    assert "Your comment is deleted." in page.one("#undo").text
    response = send(jane, page.one("#undo form"))
    assert (response.status_code, response["Location"]) == (302, f"{article.path}#comments")
    page = see(jane.get(article.path))
    assert said(page) == ["Hasty"]
    assert page.all("#undo form") == []


def test_htmx_deletes_and_restores_within_the_page(cast):
    article = cast.jake.publishes()
    cast.jane.says("Hasty", article)
    jane = cast.jane.browser
    fragment = see(send(jane, deletion(see(jane.get(article.path))), headers=HTMX))
    assert said(fragment) == []
    undo = fragment.one("hx-partial[hx-target=#undo] #undo form")
    assert undo["hx-target"] == "#comments"
    fragment = see(send(jane, undo, headers=HTMX))
    assert said(fragment) == ["Hasty"]
    assert fragment.one("#undo").all("form") == []
    assert (
        see(jane.get(article.path)).all("#undo form")
        == see(jane.get(article.path)).all("[data-announce]")
        == []
    )


def test_deleting_twice_is_deleting_once(cast):
    article = cast.jake.publishes()
    cast.jane.says("Hasty", article)
    jane = cast.jane.browser
    form = deletion(see(jane.get(article.path)))
    send(jane, form)
    before = head()
    assert send(jane, form).status_code == 302
    assert head() == before


def test_nobody_deletes_or_restores_what_somebody_else_said(cast):
    article = cast.jake.publishes()
    cast.jane.says("Mine", article)
    form = deletion(see(cast.jane.browser.get(article.path)))
    before = head()
    for meddler in (cast.jake, cast.mallory):
        before = head()
        for address in (form["action"], form["action"].replace("delete", "restore")):
            assert meddler.browser.post(address).status_code == 403
            assert meddler.browser.post(address, headers=HTMX).status_code == 403
        assert head() == before
    send(cast.jane.browser, form)
    before = head()
    assert cast.mallory.browser.post(form["action"].replace("delete", "restore")).status_code == 403
    assert head() == before


def test_a_comment_is_found_below_its_own_article_only(cast):
    article, other = cast.jake.publishes("One"), cast.jake.publishes("Other")
    cast.jane.says("Here", article)
    jane = cast.jane.browser
    address = deletion(see(jane.get(article.path)))["action"]
    before = head()
    assert jane.post(address.replace(article.path, other.path)).status_code == 404
    for number in ("0", "-1", "x", str(2**63), str(2**64), "9" * 5000, "٣"):
        assert jane.post(f"{article.path}/comments/{number}/delete").status_code == 404
    assert head() == before


def test_a_visitor_who_comments_is_asked_who_they_are_and_nothing_is_said(cast, client):
    article = cast.jake.publishes()
    before = head()
    response = client.post(f"{article.path}/comments", {"body": "Boo"})
    assert response["Location"] == f"/login?next={article.path}"
    assert head() == before
    client.post("/login", {"email": cast.jane.email, "password": "a long password"})
    assert said(see(client.get(article.path))) == []
