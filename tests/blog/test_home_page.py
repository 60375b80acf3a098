"""Home."""


def test_a_published_article_is_on_the_next_page_load(cast, client):
    article = cast.jake.publishes("Dragons")
    assert article.path in client.get("/").content.decode()


def test_two(cast, client):
    article = cast.jake.publishes("Dragons")
    assert article.path in cast.jane.browser.get("/").content.decode()


def test_three(cast, client):
    cast.jake.publishes("Dragons")
    assert client.get("/article/dragons").status_code == 200
