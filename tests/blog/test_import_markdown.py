"""A folder of Markdown moves in: what is read from a file, what is published, and what can't be."""

import json
import os
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from blog import queries
from blog.commands import DeleteArticle, EditArticle
from blog.importing import sending
from blog.importing.drafts import drafted
from blog.importing.files import MarkdownFile, found
from blog.importing.front_matter import moment, parted
from blog.importing.outline import outline, shortened
from blog.importing.reading import FRONT_MATTER, Unfit
from eventstore import log
from eventstore.database import rows
from eventstore.dispatch import dispatch

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CATS = "# Two cats\n\nThe second cat arrived uninvited.\n\nMore of it.\n"


@pytest.fixture
def blog(tmp_path):
    """A folder of files, made by writing `blog(**{"cats/two.md": "text"})`."""
    root = tmp_path / "old-blog"

    def write(**files):
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return write


def imports(*paths, author="jake", **options):
    """Runs the command: its exit code, and the lines that it wrote."""
    out, err, code = StringIO(), StringIO(), 0
    try:
        call_command("import_markdown", *map(str, paths), author=author, stdout=out, stderr=err, **options)
    except SystemExit as left:
        code = left.code
    return SimpleNamespace(code=code, out=out.getvalue(), err=err.getvalue())


def counted(run):
    """The summary as numbers: published, edited, unchanged, skipped, failed."""
    return tuple(int(part.split()[0]) for part in run.out.splitlines()[-1].partition(" in ")[0].split(", "))


def article(slug):
    found = queries.article_at(slug)
    assert found is not None, f"there is nothing at {slug}"
    return found


def titles():
    return [card.title for card in queries.everything(None, slice(20))[0]]


def draft(text, name="notes.md", folder="blog"):
    return drafted(MarkdownFile(Path(name), (folder, *Path(name).parts)), text, NOW)


def reason(text, name="notes.md"):
    with pytest.raises(Unfit) as unfit:
        draft(text, name)
    return str(unfit.value)


# What a text says of itself


def test_the_first_heading_is_the_title_and_is_not_shown_twice():
    said = outline("# Two *cats*\n\nHello.\n\n## Later\n")
    assert (said.title, said.body) == ("Two cats", "Hello.\n\n## Later")


def test_an_underlined_heading_goes_with_its_line():
    said = outline("Two cats\n========\n\nHello.\n")
    assert (said.title, said.body) == ("Two cats", "Hello.")


def test_a_lesser_heading_is_the_title_if_nothing_is_said_before_it():
    assert outline("[![badge](b.svg)](/ci)\n\n## Two cats\n\nHello.").title == "Two cats"


def test_a_lesser_heading_after_a_text_is_a_section():
    said = outline("Hello.\n\n## Install\n\nLike this.")
    assert (said.title, said.body) == ("", "Hello.\n\n## Install\n\nLike this.")


def test_a_heading_in_tags_is_a_title_too():
    said = outline(
        '<h1 align="center">\n  <img src="logo.png"> Two &amp; cats\n</h1>\n\nHello.\n\n## Install'
    )
    assert (said.title, said.body) == ("Two & cats", "Hello.\n\n## Install")


def test_a_heading_in_code_is_no_heading():
    assert outline("```sh\n# not a title\n```\n\nHello.").title == ""


def test_a_picture_as_heading_is_called_by_its_text():
    assert outline("# ![Dragon](logo.png)\n\nHello.").title == "Dragon"


def test_a_heading_that_says_the_given_title_again_is_taken_out():
    assert outline("# two cats\n\nHello.", "Two Cats").body == "Hello."


def test_another_heading_than_the_given_title_stays():
    said = outline("# Chapter one\n\nHello.", "Two cats")
    assert (said.title, said.body) == ("Two cats", "# Chapter one\n\nHello.")


def test_the_first_paragraph_in_plain_words_is_the_description():
    text = "# A\n\nSome **bold** `code`, a [link][1]\nand ~~gone~~ &amp; a note[^1]. <b>Tag</b>\n\n[1]: https://x.example\n"
    assert outline(text).description == "Some bold code, a link and gone & a note. Tag"


@pytest.mark.parametrize(
    "nothing",
    [
        "[![build](b.svg)](/ci) ![logo](l.png)",
        "[Docs](/d) | [API](/a)",
        '<a href="/d">Docs</a> • <a href="/a">API</a>',
        "https://x.example/y",
        "<!-- a remark -->",
        '<p align="center"><img src="logo.png"></p>',
        "- a list",
        "> [!NOTE]\n> Beware.",
    ],
)
def test_badges_links_pictures_and_comments_are_no_description(nothing):
    assert outline(f"# A\n\n{nothing}\n\nHello there.\n").description == "Hello there."


def test_a_quote_below_the_title_is_the_description_if_nothing_else_introduces_the_text():
    assert outline("# A\n\n> Tames *dragons*.\n\n## Install\n\nRun it.").description == "Tames dragons."
    assert outline("# A\n\n> [!NOTE]\n> Beware.\n\n## Install\n\nRun it.").description == "Run it."
    assert outline("# A\n\n> Stability: 2\n\nTames dragons.\n\n## Install").description == "Tames dragons."


def test_where_nothing_makes_a_description_the_title_does():
    assert draft("# Two cats\n\n- one\n- two\n").description == "Two cats"


def test_a_description_ends_with_a_word_within_200_characters():
    said = outline("word " * 100).description
    assert len(said) <= 200
    assert said.endswith(" word…")


def test_words_are_cut_where_one_ends():
    assert shortened("one two three", 13) == "one two three"
    assert shortened("one two three", 12) == "one two…"
    assert shortened("one two, three", 9) == "one two…"
    assert shortened("一二三四五六", 4) == "一二三…"


def test_a_long_title_is_cut():
    title = draft("# " + "word " * 100 + "\n\nHello.").title
    assert len(title) <= 200
    assert title.endswith(" word…")


def test_comments_are_not_published_but_code_that_shows_one_is():
    said = outline("<!-- for me only -->\nHello.\n<!--\nnot\n\nyet -->\n\n```html\n<!-- shown -->\n```\n")
    assert said.body == "Hello.\n\n\n```html\n<!-- shown -->\n```"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("two-black_cats.md", "Two black cats"),
        ("2019-02-11-two-cats.md", "Two cats"),
        ("2019-02-11.md", "2019-02-11"),
        ("README.md", "Blog"),
        ("my-cats/index.md", "My cats"),
        ("my-cats/_index.markdown", "My cats"),
        ("LICENSE.md", "License"),
    ],
)
def test_without_a_heading_the_name_of_the_file_or_its_folder_is_the_title(name, title):
    assert draft("Hello.", name).title == title


def test_the_folder_is_the_tag():
    assert draft("Hello.", "2019/black_cats/a.md").tags == ("black cats",)
    assert draft("Hello.", "a.md").tags == ()
    assert draft("Hello.", "x" * 60 + "/a.md").tags == ("x" * 40,)


# Front matter


def test_front_matter_counts_before_what_can_be_seen():
    said = draft(
        "---\ntitle: The cats\ndescription: >\n  In which\n  a cat arrives.\ntags: [winter, cats]\n"
        "date: 2019-02-11\nslug: my-cats\n---\n\n# Two cats\n\nHello.",
        "folder/a.md",
    )
    assert (said.title, said.description, said.slug) == ("The cats", "In which a cat arrives.", "my-cats")
    assert (said.tags, said.written_at) == (("cats", "winter"), datetime(2019, 2, 11, tzinfo=UTC))
    assert said.body == "# Two cats\n\nHello."


@pytest.mark.parametrize("key", ["description", "summary", "subtitle", "excerpt", "Summary"])
def test_a_description_goes_by_several_names(key):
    assert draft(f"---\n{key}: In short.\n---\nHello.").description == "In short."


@pytest.mark.parametrize("key", ["tags", "categories", "keywords"])
@pytest.mark.parametrize("value", ["[a, 'b c', yes]", "a, b c,yes", "\n- a\n- '#b c'\n- yes, a"])
def test_tags_are_a_list_or_words_between_commas(key, value):
    assert draft(f"---\n{key}: {value}\n---\nHello.").tags == ("a", "b c", "yes")


def test_words_of_yaml_stay_as_they_were_written():
    assert draft("---\ntitle: 1.10\n---\nHello.").title == "1.10"
    assert draft("---\ntitle: no\n---\nHello.").title == "no"


def test_a_title_that_says_nothing_is_none():
    assert draft("---\ntitle: null\ntags: ~\n---\n# Two cats\n\nHello.").title == "Two cats"


def test_prose_between_two_rules_is_no_front_matter():
    said, text = parted("---\nOnce upon a time.\n---\nHello.")
    assert said.title == ""
    assert text.startswith("---\nOnce")


def test_rules_below_the_top_are_no_front_matter():
    assert parted("Hello.\n\n---\ntitle: x\n---\nEnd.")[1] == "Hello.\n\n---\ntitle: x\n---\nEnd."


def test_a_description_that_is_too_long_is_cut():
    assert len(draft(f"---\ndescription: {'word ' * 200}\n---\nHello.").description) <= 500


@pytest.mark.parametrize(
    ("front_matter", "said"),
    [
        ("title: [a", "front matter that is not YAML (line 3:"),
        ("a: b: c", "front matter that is not YAML (line 2: mapping values are not allowed here)"),
        ("title: !!python/object/apply:os.system [ls]", "a title in the front matter that is not a text"),
        ('title: "\\UFFFFFFFF"', "front matter that is not YAML"),
        ("a: " + "[" * 5000, "front matter that is not YAML"),
        ("title:\n  a: b", "a title in the front matter that is not a text"),
        ("tags: [[a]]", "a tags in the front matter that is not a text"),
        ("date: yesterday", "a date that is not understood (yesterday)"),
        ("date: 2019-13-45", "a date that is not understood (2019-13-45)"),
        ("date: 0001-01-01T00:00:00+05:00", "a date that is not understood"),
        (f"title: {'x' * FRONT_MATTER}", "too much front matter (maximum is 16,384 characters)"),
    ],
)
def test_bad_front_matter_is_named(front_matter, said):
    assert reason(f"---\n{front_matter}\n---\nHello.").startswith(said)


def test_aliases_do_not_multiply():
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefghi", "bcdefghij", strict=False)
    ]
    assert reason("---\n" + "\n".join([*lines, "title: *j"]) + "\n---\nHello.").startswith("a title in")


def test_toml_is_named():
    assert (
        reason('+++\ntitle = "x"\n+++\nHello.') == "front matter in TOML (+++); only YAML (---) is understood"
    )


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("2019-02-11", datetime(2019, 2, 11, tzinfo=UTC)),
        ("2019-02-11 10:20", datetime(2019, 2, 11, 10, 20, tzinfo=UTC)),
        ("2019-02-11T10:20:30Z", datetime(2019, 2, 11, 10, 20, 30, tzinfo=UTC)),
        ("2019-02-11 10:20:30.0 +0200", datetime(2019, 2, 11, 8, 20, 30, tzinfo=UTC)),
        ("", None),
    ],
)
def test_a_date_without_a_zone_is_in_utc(date, at):
    assert moment(date, NOW) == at


def test_a_date_in_the_future_is_refused_but_today_on_the_easternmost_island_is_today():
    with pytest.raises(Unfit, match=r"a date in the future \(2026-03-03\)"):
        moment("2026-03-03", NOW)
    assert moment("2026-03-02", NOW) == NOW


def test_the_name_of_a_file_may_have_its_date():
    assert draft("Hello.", "2019-02-11-cats.md").written_at == datetime(2019, 2, 11, tzinfo=UTC)
    assert draft("Hello.", "2019-99-11-cats.md").written_at is None


# Which files


def names(*paths, called=""):
    return [file.name for file in found(paths, called)]


def test_a_folder_is_walked_in_the_order_of_names_without_what_is_hidden(blog):
    root = blog(**dict.fromkeys(("b.md", "a/z.markdown", "a/Y.MD", ".git/c.md", ".d.md", "e.txt"), CATS))
    assert names(root) == ["old-blog/a/Y.MD", "old-blog/a/z.markdown", "old-blog/b.md"]


def test_links_that_lead_in_circles_end(blog):
    root = blog(**{"a/b.md": CATS})
    (root / "a/again").symlink_to(root, target_is_directory=True)
    (root / "loop.md").symlink_to(root / "loop.md")
    assert names(root) == ["old-blog/a/b.md", "old-blog/loop.md"]


def test_a_file_is_found_once_however_often_it_is_named(blog):
    root = blog(**{"a/b.md": CATS})
    (root / "c.md").symlink_to(root / "a/b.md")
    assert names(root, root / "a", root / "a/b.md") == ["old-blog/a/b.md"]


def test_a_file_has_the_same_name_from_everywhere(blog, monkeypatch):
    root = blog(**{"b.md": CATS})
    here = names(root)
    monkeypatch.chdir(root)
    assert names(Path()) == names(Path("b.md")) == names(Path("../old-blog/")) == here == ["old-blog/b.md"]


def test_a_folder_can_be_called_what_it_was_called_before(blog):
    root = blog(**{"2019/b.md": CATS})
    assert names(root / "2019", called="old-blog/2019") == names(root) == ["old-blog/2019/b.md"]


# Publishing


def test_files_become_articles_of_their_author(cast, blog):
    root = blog(**{"winter/two.md": CATS})
    assert cast.jake
    run = imports(root)
    assert run.code == 0
    assert run.out.splitlines()[0] == "published  old-blog/winter/two.md: two-cats"
    said = article("two-cats")
    assert (said.author.name, said.title, said.tags) == ("jake", "Two cats", ["winter"])
    assert (said.description, said.body) == (
        "The second cat arrived uninvited.",
        "The second cat arrived uninvited.\n\nMore of it.",
    )


def test_importing_again_publishes_nothing_twice(cast, blog):
    root = blog(**{"two.md": CATS, "one.md": "Hello."})
    assert cast.jake
    assert counted(imports(root)) == (2, 0, 0, 0, 0)
    head = log.settled_position()
    again = imports(root)
    assert counted(again) == (0, 0, 2, 0, 0)
    assert len(again.out.splitlines()) == 1
    assert log.settled_position() == head


def test_a_changed_file_becomes_an_edit_each_time_that_it_changes(cast, blog):
    root = blog(**{"two.md": CATS})
    assert cast.jake
    imports(root)
    for body in ("A third cat.", "The second cat arrived uninvited.\n\nMore of it.", "A third cat."):
        blog(**{"two.md": f"# Two cats\n\n{body}\n"})
        run = imports(root)
        assert run.out.splitlines()[0] == "edited  old-blog/two.md"
        assert article("two-cats").body == body
    assert counted(imports(root)) == (0, 0, 1, 0, 0)


def test_a_new_title_is_a_new_address_and_the_old_one_still_leads_there(cast, blog):
    assert cast.jake
    imports(blog(**{"two.md": CATS}))
    imports(blog(**{"two.md": CATS.replace("Two", "Three")}))
    assert article("two-cats").slug == "three-cats"


def test_a_file_that_did_not_change_leaves_what_its_author_changed_here(cast, blog):
    root = blog(**{"two.md": CATS})
    assert cast.jake
    imports(root)
    here = article("two-cats")
    dispatch(EditArticle(article_id=here.id, author_id=cast.jake.id, body="Reworded here."))
    assert counted(imports(root)) == (0, 0, 1, 0, 0)
    assert article("two-cats").body == "Reworded here."
    blog(**{"two.md": CATS + "\nNews.\n"})
    assert counted(imports(root)) == (0, 1, 0, 0, 0)
    assert article("two-cats").body.endswith("News.")


def test_what_its_author_took_down_stays_down(cast, blog):
    root = blog(**{"two.md": CATS})
    assert cast.jake
    imports(root)
    dispatch(DeleteArticle(article_id=article("two-cats").id, author_id=cast.jake.id))
    for text in (CATS, CATS + "\nNews.\n"):
        blog(**{"two.md": text})
        run = imports(root)
        assert (run.code, counted(run)) == (0, (0, 0, 0, 1, 0))
        assert run.out.startswith("skipped  old-blog/two.md: its author took it down")
    (root / "two.md").write_text(CATS)
    renamed = imports(root.rename(root.parent / "blog"))
    assert renamed.out.startswith("skipped  blog/two.md: its author took it down")


def test_a_renamed_folder_brings_only_what_changed(cast, blog):
    root = blog(**{"two.md": CATS, "one.md": "# One\n\nHello."})
    assert cast.jake
    imports(root)
    blog(**{"one.md": "# One\n\nHello again."})
    renamed = root.rename(root.parent / "new-blog")
    run = imports(renamed, dry_run=True)
    assert counted(run) == (1, 0, 0, 1, 0)
    assert "skipped  new-blog/two.md: the same text is at /article/two-cats" in run.out
    assert counted(imports(renamed, called="old-blog")) == (0, 1, 1, 0, 0)


def test_two_folders_with_files_of_one_name_do_not_get_mixed_up(cast, tmp_path):
    for folder in ("cats/posts", "dogs/posts", "birds"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "about.md").write_text(f"# About\n\nAll about {folder}.")
    assert cast.jake
    run = imports(tmp_path / "cats/posts", tmp_path / "dogs/posts", tmp_path / "birds")
    assert (run.code, counted(run)) == (3, (2, 0, 0, 0, 1))
    assert "failed  posts/about.md: another file of this run has this name" in run.err


def test_two_authors_may_import_the_same_folder(cast, blog):
    root = blog(**{"two.md": CATS})
    assert cast.jake
    assert cast.jane
    assert counted(imports(root)) == counted(imports(root, author="jane")) == (1, 0, 0, 0, 0)


def test_the_oldest_is_published_first_and_what_has_no_date_last(cast, blog):
    assert cast.jake
    imports(
        blog(
            **{
                "a.md": "---\ndate: 2020-01-01\n---\nA.",
                "b.md": "---\ndate: 2019-01-01\n---\nB.",
                "c.md": "C.",
            }
        )
    )
    assert titles() == ["C", "A", "B"]
    published = [fact.event.title for fact in log.read_types(["blog.article_published"])]
    assert published == ["B", "A", "C"]
    assert article("a").created_at == datetime(2020, 1, 1, tzinfo=UTC)
    assert datetime.now(UTC) - article("c").created_at < timedelta(minutes=1)


def test_a_draft_is_skipped_until_it_is_none(cast, blog):
    assert cast.jake
    for line in ("draft: true", "published: false"):
        run = imports(blog(**{"two.md": f"---\n{line}\n---\n{CATS}"}))
        assert (run.code, counted(run)) == (0, (0, 0, 0, 1, 0))
        assert run.out.startswith("skipped  old-blog/two.md: a draft")
    assert counted(imports(blog(**{"two.md": f"---\ndraft: false\n---\n{CATS}"}))) == (1, 0, 0, 0, 0)


def test_a_byte_order_mark_and_line_ends_make_no_difference(cast, blog):
    assert cast.jake
    root = blog(**{"two.md": b"\xef\xbb\xbf" + CATS.replace("\n", "\r\n").encode()})
    imports(root)
    assert article("two-cats").body == "The second cat arrived uninvited.\n\nMore of it."
    blog(**{"two.md": CATS})
    assert counted(imports(root)) == (0, 0, 1, 0, 0)


def test_who_asked_is_the_author_and_one_run_is_one_thread(cast, blog):
    assert cast.jake
    imports(blog(**{"two.md": CATS, "one.md": "Hello."}))
    asked = rows(
        b"SELECT DISTINCT actor_id, correlation_id FROM eventstore_command WHERE name LIKE '%publish%'"
    )
    assert [actor for actor, _ in asked] == [cast.jake.id]


# What can't be imported

BAD = {
    "binary": (b"\x89PNG\0\0", "binary, not text"),
    "empty": (b" \n\n", "empty"),
    "title-only": (b"# Only a title\n", "nothing below its title"),
    "latin": ("ok\nA caf\xe9.".encode("latin-1"), "not UTF-8 (line 2)"),
    "utf16": ("Hello.".encode("utf-16"), "UTF-16, not UTF-8"),
    "large": (b"x" * 65_537, "too large (65,537 characters; maximum is 65,536)"),
    "huge": (b"x" * 400_000, "too large (maximum is 65,536 characters)"),
    "control": (
        b"Hello.\x0cBye.",
        "body contains a character that can't be stored (U+000C control character)",
    ),
    "title": (
        "---\ntitle: a\u202eb\n---\nx".encode(),
        "title contains a character that can't be stored (U+202E",
    ),
    "front": (b"---\ntitle: [\n---\nHello.", "front matter that is not YAML"),
    "tags": (f"---\ntags: {list(range(31))}\n---\nHello.".encode(), "tags can be at most 30"),
    "tag": (f"---\ntags: {'x' * 41}\n---\nx".encode(), "tags is too long (maximum is 40 characters)"),
    "future": (b"---\ndate: 2999-01-01\n---\nHello.", "a date in the future (2999-01-01)"),
}


def test_bad_files_are_named_with_the_reason_while_the_rest_go_on(cast, blog):
    root = blog(**{f"{name}.md": content for name, (content, _) in BAD.items()}, **{"two.md": CATS})
    (root / "link.md").symlink_to(root / "nowhere.md")
    os.mkfifo(root / "pipe.md")
    assert cast.jake
    run = imports(root)
    assert (run.code, counted(run)) == (3, (1, 0, 0, 0, len(BAD) + 2))
    for name, (_, why) in BAD.items():
        assert f"failed  old-blog/{name}.md: {why}" in run.err
    assert "failed  old-blog/link.md: a link that leads nowhere" in run.err
    assert "failed  old-blog/pipe.md: not a file" in run.err
    assert "failed" not in run.out.splitlines()[0]


def test_a_file_of_the_greatest_length_is_not_too_large(cast, blog):
    assert cast.jake
    assert counted(imports(blog(**{"long.md": "€" * 65_536}))) == (1, 0, 0, 0, 0)


def test_a_file_that_was_put_right_is_published(cast, blog):
    assert cast.jake
    assert imports(blog(**{"two.md": CATS + "\0"})).code == 3
    assert counted(imports(blog(**{"two.md": CATS}))) == (1, 0, 0, 0, 0)


def test_a_file_that_may_not_be_read_is_named(cast, blog, monkeypatch):
    def locked(path, *args, **options):
        raise PermissionError(13, "Permission denied")

    root = blog(**{"two.md": CATS})
    assert cast.jake
    monkeypatch.setattr(Path, "open", locked)
    run = imports(root)
    assert (run.code, run.err) == (3, "failed  old-blog/two.md: can't be read: permission denied\n")


def test_a_folder_that_may_not_be_looked_into_is_named(cast, blog, monkeypatch):
    def locked(path):
        if path.name == "secret":
            raise PermissionError(13, "Permission denied")
        return looked(path)

    root, looked = blog(**{"two.md": CATS, "secret/one.md": CATS}), Path.iterdir
    assert cast.jake
    monkeypatch.setattr(Path, "iterdir", locked)
    run = imports(root)
    assert (run.code, counted(run)) == (3, (1, 0, 0, 0, 1))
    assert run.err == "failed  old-blog/secret/.: a folder that can't be looked into\n"


def test_names_of_files_are_shown_harmless(cast, blog):
    root = blog(**{"two.md": CATS})
    (root / os.fsdecode(b"caf\xe9\x1b[31m.md")).write_text("")
    assert cast.jake
    run = imports(root)
    assert run.err == "failed  old-blog/caf\\udce9\\x1b[31m.md: empty\n"


def test_a_file_whose_name_is_no_text_is_imported_by_its_heading(cast, blog):
    root = blog(**{"two.md": "Hello."})
    (root / os.fsdecode(b"caf\xe9.md")).write_text(CATS)
    assert cast.jake
    assert counted(imports(root)) == (2, 0, 0, 0, 0)
    assert counted(imports(root)) == (0, 0, 2, 0, 0)


# Asking for it


@pytest.mark.parametrize(
    "name", ["jake", "JAKE", "\uff4aake", "jake@conduit.example", "Jake@Conduit.Example"]
)
def test_the_author_goes_by_name_or_address_in_any_spelling(cast, blog, name):
    assert cast.jake
    assert counted(imports(blog(**{"two.md": CATS}), author=name)) == (1, 0, 0, 0, 0)


@pytest.mark.parametrize("name", ["nobody", "nobody@conduit.example", ""])
def test_an_author_who_is_nobody_is_a_usage_error(cast, blog, name):
    with pytest.raises(CommandError, match="there is nobody known as") as refused:
        imports(blog(**{"two.md": CATS}), author=name)
    assert refused.value.returncode == 2


def test_a_path_without_markdown_is_a_usage_error_and_nothing_is_imported(cast, blog):
    root = blog(**{"two.md": CATS, "none/a.txt": "x", "b.txt": "x"})
    assert cast.jake
    for path, why in (("gone", "there is no"), ("none", "no Markdown"), ("b.txt", "no Markdown")):
        with pytest.raises(CommandError, match=why) as refused:
            imports(root, root / path)
        assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="--as goes with one PATH"):
        imports(root, root, called="blog")
    assert titles() == []


def test_a_dry_run_says_what_would_happen_and_does_nothing(cast, blog):
    assert cast.jake
    imports(blog(**{"two.md": CATS}))
    head = log.settled_position()
    root = blog(**{"two.md": CATS + "\nNews.\n", "one.md": "Hello.", "bad.md": "x\x01"})
    run = imports(root, dry_run=True)
    assert (run.code, counted(run)) == (3, (1, 1, 0, 0, 1))
    assert run.out.splitlines()[:2] == ["would publish  old-blog/one.md: one", "would edit  old-blog/two.md"]
    assert run.out.endswith(" (dry run)\n")
    assert log.settled_position() == head


def test_a_dry_run_finds_what_would_be_refused(cast, blog):
    assert cast.jake
    run = imports(blog(**{f"{name}.md": content for name, (content, _) in BAD.items()}), dry_run=True)
    assert (run.code, counted(run)) == (3, (0, 0, 0, 0, len(BAD)))


def test_json_is_one_object_on_stdout(cast, blog):
    assert cast.jake
    run = imports(blog(**{"two.md": CATS, "bad.md": ""}), json=True)
    said = json.loads(run.out)
    assert run.code == 3
    assert {
        name: said[name] for name in ("schema", "author", "dry_run", "interrupted", "published", "failed")
    } == {
        "schema": 1,
        "author": "jake",
        "dry_run": False,
        "interrupted": False,
        "published": 1,
        "failed": 1,
    }
    assert [(file["name"], file["outcome"], file["detail"]) for file in said["files"]] == [
        ("old-blog/bad.md", "failed", "empty"),
        ("old-blog/two.md", "published", "two-cats"),
    ]


def test_after_ctrl_c_what_was_imported_stays_and_the_next_run_goes_on(cast, blog, monkeypatch):
    def interrupted(command, **options):
        if command.title == "Two cats":
            raise KeyboardInterrupt
        return dispatch(command, **options)

    root = blog(**{"one.md": "Hello.", "two.md": CATS})
    assert cast.jake
    with monkeypatch.context() as patch:
        patch.setattr(sending, "dispatch", interrupted)
        run = imports(root)
    assert (run.code, counted(run)) == (130, (1, 0, 0, 0, 0))
    assert run.err == "interrupted; what was imported stays, and running this again goes on\n"
    assert counted(imports(root)) == (1, 0, 1, 0, 0)


def test_long_runs_show_how_far_they_are(cast, blog, monkeypatch):
    monkeypatch.setattr("eventstore.console.EVERY_S", 0.0)
    assert cast.jake
    run = imports(blog(**{"one.md": "Hello.", "two.md": CATS}))
    assert [line.partition("  ")[0] for line in run.err.splitlines()] == ["1/2 files", "2/2 files"]


def test_help_has_examples(capsys):
    with pytest.raises(SystemExit):
        call_command("import_markdown", "--help")
    assert "manage.py import_markdown ~/old-blog --author oona" in capsys.readouterr().out
