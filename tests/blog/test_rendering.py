"""What Markdown becomes: everything that the editor promises."""

import pytest

from blog.rendering import LANGUAGES, reading_minutes, rendered
from tests.blog.markup import elements


def tags(markdown):
    return [element.tag for element in elements(rendered(markdown))]


def only(markdown, tag):
    [element] = elements(rendered(markdown), tag)
    return element


def ids(markdown):
    return [element["id"] for element in elements(rendered(markdown)) if element["id"]]


def test_one_paragraph_is_exactly_one_p():
    assert rendered("You have to believe.") == "<p>You have to believe.</p>"
    assert rendered("\n\n  You have to believe.  \n\n") == "<p>You have to believe.</p>"


def test_a_line_break_is_no_paragraph():
    assert tags("You have\nto believe.") == ["p"]
    assert tags("You have  \nto believe.") == ["p", "br"]


def test_no_text_is_no_html():
    assert rendered("") == rendered(" \n\n ") == ""


@pytest.mark.parametrize(
    ("markdown", "tag", "text"),
    [
        ("*dragon*", "em", "dragon"),
        ("**dragon**", "strong", "dragon"),
        ("~~dragon~~", "s", "dragon"),
        ("`dragon`", "code", "dragon"),
        ("> dragon", "blockquote", "\ndragon\n"),
        ("- dragon", "li", "dragon"),
        ("1. dragon", "li", "dragon"),
        ("---", "hr", ""),
    ],
    ids=["emphasis", "strong", "strikethrough", "code", "quotation", "bullet", "number", "rule"],
)
def test_there_is(markdown, tag, text):
    assert only(markdown, tag).text == text


def test_a_numbered_list_begins_where_it_says():
    assert only("7. dragons", "ol")["start"] == "7"


def test_quotes_and_dashes_are_set_as_a_printer_would_but_not_in_code():
    assert rendered('"Run" -- she said... `"--"`') == '<p>“Run” – she said… <code>"--"</code></p>'


@pytest.mark.parametrize(
    ("level", "lower"), [(1, "h2"), (2, "h3"), (3, "h4"), (4, "h5"), (5, "h6"), (6, "h6")]
)
def test_the_title_is_the_only_h1_a_text_that_uses_h1_has_its_headings_moved_down(level, lower):
    assert elements(rendered(f"# One\n\n{'#' * level} Another"))[1].tag == lower


def test_headings_that_leave_the_h1_alone_stay_where_they_are():
    assert tags("## Two\n\n### Three\n\n###### Six") == ["h2", "h3", "h6"]


def test_headings_in_lists_and_quotations_are_moved_as_well():
    assert {"h1"}.isdisjoint(tags("> # Quoted\n\n- # Listed\n\n# Plain"))


def test_headings_can_be_linked_to_by_their_words():
    assert ids("# How to train\n\n## Your `dragon`!\n\n### *At* home\n\n#### Lesser") == [
        "at-how-to-train",
        "at-your-dragon",
        "at-at-home",
        "at-lesser",
    ]


def test_headings_of_the_same_words_have_ids_of_their_own():
    found = ids("## Fire\n\n## Fire 1\n\n## Fire\n\n## Fire\n\n## Fire-1")
    assert found == ["at-fire", "at-fire-1", "at-fire-2", "at-fire-3", "at-fire-1-1"]


@pytest.mark.parametrize("words", ["你好", "नमस्ते", "สวัสดี"], ids=["Chinese", "Hindi", "Thai"])
def test_headings_of_every_script_can_be_linked_to(words):
    assert ids(f"## {words}") == [f"at-{words}"]


def test_a_heading_without_words_has_no_id():
    assert ids("## !!!\n\n## \N{DRAGON FACE}\n\n##") == []


@pytest.mark.parametrize("target", ["#at-the-fire", "#the-fire", "#The-Fire", "#the%20fire"])
def test_a_link_to_a_heading_finds_it(target):
    html = rendered(f"[below]({target})\n\n## The Fire")
    assert elements(html, "a")[0]["href"] == "#" + elements(html, "h2")[0]["id"]


def test_footnotes_stand_below_with_links_there_and_back():
    html = rendered("Run[^why], I said[^why] and said[^who].\n\n[^why]: *Fire.*\n\n[^who]: Jake.")
    places = {element["id"] for element in elements(html) if element["id"]}
    links = [link["href"] for link in elements(html, "a")]
    assert places == {"fn1", "fn2", "fnref1", "fnref1:1", "fnref2"}
    assert sorted(links) == ["#fn1", "#fn1", "#fn2", "#fnref1", "#fnref1:1", "#fnref2"]
    assert [element["class"] for element in elements(html, "section")] == ["footnotes"]


def test_a_footnote_without_a_note_stays_as_typed():
    assert rendered("Run[^why].") == "<p>Run[^why].</p>"


TABLE = "| left | right | middle | plain |\n|:--|--:|:-:|---|\n| 1 | 2 | 3 | 4 |"


def test_a_tables_columns_are_aligned_without_styles():
    cells = [cell for cell in elements(rendered(TABLE)) if cell.tag in {"th", "td"}]
    assert [cell["align"] for cell in cells] == ["left", "right", "center", None] * 2
    assert all(cell["style"] is None for cell in cells)


def test_a_table_has_a_head_and_a_body():
    assert tags("|a|\n|-|\n|b|") == ["table", "thead", "tr", "th", "tbody", "tr", "td"]


def test_a_task_has_a_box_that_shows_and_says_how_it_stands():
    done, to_do = elements(rendered("- [x] outline\n- [ ] draft"), "input")
    assert (done["aria-label"], done["checked"] is None) == ("done", False)
    assert (to_do["aria-label"], to_do["checked"] is None) == ("to do", True)


def test_nobody_but_the_author_can_check_a_box_off():
    box = only("- [ ] draft", "input")
    assert box["type"] == "checkbox"
    assert box["disabled"] is not None


def test_a_task_keeps_its_words_and_their_emphasis():
    html = rendered("- [X] the *whole* outline")
    assert elements(html, "li")[0].text == " the whole outline"
    assert elements(html, "em")[0].text == "whole"


def test_lists_of_tasks_and_their_items_can_be_told_from_others():
    html = rendered("- [ ] draft\n  1. [x] outline\n\n---\n\n- not a task")
    assert [element["class"] for element in elements(html) if element.tag in {"ul", "ol", "li"}] == [
        "contains-task-list",
        "task-list-item",
        "contains-task-list",
        "task-list-item",
        None,
        None,
    ]


@pytest.mark.parametrize(
    "markdown", ["[ ] not in a list", "- [y] no task", "- [x]no space", "- a [x] later", "- > [x] quoted"]
)
def test_other_brackets_are_no_tasks(markdown):
    assert elements(rendered(markdown), "input") == []


def test_a_link_that_looks_like_a_task_is_a_link():
    html = rendered("- [x] marks the spot\n\n[x]: https://conduit.example")
    assert [link.text for link in elements(html, "a")] == ["x"]
    assert elements(html, "input") == []


def test_code_is_colored_by_classes():
    html = rendered("```python\ndef run(): ...\n```")
    assert elements(html, "pre")[0]["class"] == "highlight"
    assert {("k", "def"), ("nf", "run")} <= {(span["class"], span.text) for span in elements(html, "span")}
    assert all(span["style"] is None for span in elements(html, "span"))


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_there_is_color_for(language):
    html = rendered(f"```{language}\nx = \"<b>\" # 1 & 'two'\n```")
    assert elements(html, "pre")[0]["class"] == "highlight"
    assert elements(html, "code")[0].text == "x = \"<b>\" # 1 & 'two'\n"


@pytest.mark.parametrize(
    "language", ["", "klingon", "main", '"onclick=x', "{.main #main}", "x" * 1000], ids=lambda name: name[:15]
)
def test_code_in_no_known_language_is_plain(language):
    html = rendered(f"```{language}\nif x < y & z:\n```")
    assert [(element.tag, element.attributes) for element in elements(html)] == [("pre", {}), ("code", {})]
    assert elements(html, "code")[0].text == "if x < y & z:\n"


def test_indented_code_is_code():
    assert rendered("    if x < y:") == "<pre><code>if x &lt; y:\n</code></pre>"


def test_an_image_has_its_words_waits_for_its_turn_and_is_not_told_from_where_it_is_loaded():
    assert only('![a dragon](https://conduit.example/d.png "Fire")', "img").attributes == {
        "src": "https://conduit.example/d.png",
        "alt": "a dragon",
        "title": "Fire",
        "loading": "lazy",
        "referrerpolicy": "no-referrer",
    }


@pytest.mark.parametrize(
    "address",
    [
        "https://conduit.example/a?b=1&c",
        "http://conduit.example",
        "mailto:jake@conduit.example",
        "/article/dragons",
        "#at-fire",
    ],
)
def test_a_link_leads_where_it_says_and_vouches_for_nothing(address):
    link = only(f"[there]({address})", "a")
    assert link["href"] == address
    assert set(link["rel"].split()) == {"nofollow", "ugc", "noopener"}


def test_the_same_text_makes_the_same_bytes_each_time():
    text = '# Fire\n\n![a](b) ![c](d "e") [f](g "h")\n\n- [x] i\n- [ ] j[^k]\n\n[^k]: l\n\n|m|\n|:-|\n|n|'
    assert len({rendered.__wrapped__(text) for _ in range(50)}) == 1


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("", 1),
        ("word", 1),
        ("word " * 220, 1),
        ("word " * 660, 3),
        ("字" * 1500, 3),
        ("word " * 220 + "字" * 500, 2),
    ],
    ids=["nothing", "a word", "220 words", "660 words", "1,500 characters of Chinese", "both"],
)
def test_reading_takes_whole_minutes_and_at_least_one(text, minutes):
    assert reading_minutes(text) == minutes
