"""Static files are named for their content, but for the one that clients know by name."""

import re

import pytest
from django.core.management import call_command
from django.test import override_settings


@pytest.fixture
def collected(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "images").mkdir(parents=True)
    (source / "site.css").write_text(
        "body { background: url('images/default-avatar.svg'), url('images/a.svg') }"
    )
    (source / "images" / "default-avatar.svg").write_text("<svg/>")
    (source / "images" / "a.svg").write_text("<svg/>")
    hashed = {"staticfiles": {"BACKEND": "conduit.static.Storage"}}
    finders = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    with override_settings(
        STORAGES=hashed, STATIC_ROOT=target, STATICFILES_DIRS=[source], STATICFILES_FINDERS=finders
    ):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield target


def test_a_style_sheet_is_named_for_its_content(collected):
    (name,) = [path.name for path in collected.glob("site.*.css")]
    assert re.fullmatch(r"site\.[0-9a-f]{12}\.css", name)


def test_the_default_avatar_keeps_its_name(collected):
    assert [path.name for path in collected.glob("images/default*.svg")] == ["default-avatar.svg"]


def test_references_follow_the_names(collected):
    (style_sheet,) = collected.glob("site.*.css")
    assert re.search(
        r'url\("images/default-avatar\.svg"\), url\("images/a\.[0-9a-f]{12}\.svg"\)', style_sheet.read_text()
    )


def test_templates_link_to_the_same_names(collected):
    from django.contrib.staticfiles.storage import staticfiles_storage

    assert staticfiles_storage.url("images/default-avatar.svg") == "/static/images/default-avatar.svg"
    assert re.fullmatch(r"/static/site\.[0-9a-f]{12}\.css", staticfiles_storage.url("site.css"))
