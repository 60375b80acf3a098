"""The line is cut again and again while everything goes on; in the end the pages show what fresh ones show.

`make stress` runs the long form: a hundred cuts during a thousand events.
"""

import random
from uuid import UUID

import pytest
from playwright.sync_api import expect

from blog.commands import UnfavoriteArticle
from eventstore.dispatch import dispatch
from tests.browser.living import browsing_over, hearts, opened, say_after_all, take_back, until
from tests.cast import Person

SEED = 20261123
TWICE = """() => { const ids = [...document.querySelectorAll("[id]")].map(({id}) => id);
  return ids.filter((id, place) => ids.indexOf(id) !== place); }"""
LETTERS = """() => [...document.querySelectorAll("#letters > li:not(.is-gone)")]
  .map(item => [item.id, item.querySelector(".card-text").textContent])"""
COUNTS = """() => Object.fromEntries([...document.querySelectorAll("[data-count]")]
  .map(place => [place.dataset.count, place.textContent]))"""
TAGS = """() => [...document.querySelectorAll("#tags a")].map(link => link.textContent).sort()"""


class World:
    """People who do this and that, as the dice have it; everything they do is one event."""

    def __init__(self, cast, article, dice):
        self._cast, self._article, self._dice = cast, article, dice
        self._people = [cast.jane, cast.mallory, *(Person(f"reader{number}") for number in range(6))]
        self._said: dict[UUID, Person] = {}
        self._unsaid: dict[UUID, Person] = {}
        self._hearts: list[Person] = []
        self.events = self.written = 0

    def go_on(self):
        acts = [
            self._say,
            self._say,
            self._take_back,
            self._say_after_all,
            self._heart,
            self._heart,
            self._write,
        ]
        self._dice.choice(acts)()

    def _say(self):
        person = self._dice.choice(self._people)
        self._said[person.says(f"Thought {self.events}", self._article)] = person
        self.events += 1

    def _take_back(self):
        self._move(self._said, self._unsaid, take_back)

    def _say_after_all(self):
        self._move(self._unsaid, self._said, say_after_all)

    def _move(self, source, target, act):
        if source:
            comment_id = self._dice.choice(list(source))
            target[comment_id] = source.pop(comment_id)
            act(target[comment_id], comment_id)
            self.events += 1

    def _heart(self):
        person = self._dice.choice(self._people)
        if person in self._hearts:
            self._hearts.remove(person)
            assert dispatch(UnfavoriteArticle(article_id=self._article.id, reader_id=person.id)).shown
        else:
            self._hearts.append(person)
            person.favorites(self._article)
        self.events += 1

    def _write(self):
        self.written += 1
        self._cast.jake.publishes(f"Dragon {self.written}", tags=(f"tag {self.written % 7}",))
        self.events += 1


@pytest.fixture
def size(request):
    """How many cuts, and events."""
    return (100, 1000) if request.config.getoption("--stress") else (10, 100)


def test_pages_that_are_cut_off_again_and_again_show_what_fresh_ones_show(chromium, site, cast, size):
    cuts, events = size
    dice = random.Random(SEED)
    article = cast.jake.publishes("Dragons", tags=("tag 0",))
    with browsing_over(chromium, site) as (browse, line):
        page, lists = (opened(browse, path, clock=True) for path in (article.path, "/"))
        world = World(cast, article, dice)
        for cut in range(1, cuts + 1):
            while world.events < cut * events // cuts:
                world.go_on()
                if dice.random() < cuts / events:
                    break
            for each in (page, lists):
                until(each, "last.readyState !== 0")  # what is still being called would not hear the cut
                each.evaluate("() => { window.cut = window.last; }")
            line.cut()
            for each in (page, lists):
                until(each, "cut.readyState === 3")
                each.clock.run_for(800)
        while world.events < events:
            world.go_on()
        fresh, fresh_lists = browse(path=article.path), browse(path="/")
        counts = fresh.evaluate(COUNTS)
        expect(page.locator("#comments-heading .counter")).to_have_text(counts[f"comments-{article.id}"])
        expect(hearts(page).first).to_have_text(counts[f"hearts-{article.id}"])
        if page.locator("#new-comments").is_visible():
            page.locator("#new-comments").click()
        assert page.evaluate(LETTERS) == fresh.evaluate(LETTERS)
        assert page.evaluate(COUNTS) == counts
        assert page.evaluate(TWICE) == []
        assert lists.evaluate(TAGS) == fresh_lists.evaluate(TAGS)
        lists.clock.fast_forward(10_000)
        many = "20+" if world.written > 20 else world.written
        expect(lists.locator("#new-articles")).to_have_text(f"{many} new articles")
        expect(hearts(lists)).to_have_text(counts[f"hearts-{article.id}"].strip("()"))
