"""The design keeps its promises: contrast, weight, and nothing inline. Reads files only.

The ratios are those of the color table in the design; a token that changes must earn its number again.
"""

import gzip
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CSS = (STATIC / "css/conduit.css").read_text()
SCRIPT = (STATIC / "js/conduit.js").read_text()
LIGHT, DARK = 0, 1
TOKENS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", CSS.partition("prefers-contrast")[0]
    )
}
SURFACES = ["paper", "raised", "sunken", "past-bg"]


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str, theme: int) -> float:
    lower, higher = sorted(luminance(TOKENS[name][theme]) for name in (one, other))
    return (higher + 0.05) / (lower + 0.05)


def zipped(*files: Path) -> int:
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)


@pytest.mark.parametrize(
    ("token", "light", "dark"),
    [
        ("ink", 13.82, 11.40),
        ("ink-2", 6.96, 7.28),
        ("ink-3", 4.60, 4.92),
        ("brand", 5.75, 7.65),
        ("brand-strong", 7.59, 9.31),
        ("danger", 6.13, 6.78),
        ("warn", 6.20, 7.77),
        ("control", 3.36, 3.42),
        ("focus", 5.55, 6.99),
    ],
)
def test_a_token_has_its_worst_ratio_over_every_surface(token: str, light: float, dark: float) -> None:
    worst = [min(contrast(token, surface, theme) for surface in SURFACES) for theme in (LIGHT, DARK)]
    assert [round(ratio, 2) for ratio in worst] == [light, dark]


@pytest.mark.parametrize(
    ("token", "surface", "light", "dark"),
    [
        ("on-brand", "brand", 6.73, 9.01),
        ("past", "past-bg", 6.36, 8.83),
        ("ins", "ins-bg", 7.59, 9.13),
        ("del", "del-bg", 7.44, 8.92),
        ("ink", "mark", 14.04, 7.77),
        ("line", "paper", 1.35, 1.37),
    ],
)
def test_a_pair_has_its_ratio(token: str, surface: str, light: float, dark: float) -> None:
    assert [round(contrast(token, surface, theme), 2) for theme in (LIGHT, DARK)] == [light, dark]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize(
    ("token", "surface"),
    [
        *((name, "sunken") for name in TOKENS if name.startswith("code-")),
        ("on-brand", "brand-strong"),
        ("paper", "ink"),
        ("del", "paper"),
        ("ink", "del-bg"),
    ],
)
def test_text_on_its_own_surface_is_readable(token: str, surface: str, theme: int) -> None:
    assert contrast(token, surface, theme) >= 4.5


def test_colors_are_written_in_the_token_table_only() -> None:
    table = CSS.partition("@layer tokens {")[2].partition("\n}\n")[0]
    assert re.findall(r"#[0-9a-f]{3,8}\b", CSS.replace(table, "")) == []


def test_the_stylesheet_has_its_layers_in_order() -> None:
    order = "reset, tokens, base, layout, components, pages, utilities"
    assert f"@layer {order};" in CSS
    assert re.findall(r"^@layer (\w+) \{", CSS, re.MULTILINE) == order.split(", ")


def test_only_utilities_insist() -> None:
    assert "!important" not in CSS.partition("@layer utilities {")[0]


def test_the_stylesheet_fits_its_budget() -> None:
    assert zipped(STATIC / "css/conduit.css") <= 12_000


def test_the_scripts_fit_their_budget() -> None:
    reading = [STATIC / "js/conduit.js", STATIC / "js/live.js", STATIC / "vendor/htmx/htmx.min.js"]
    writing = [STATIC / "js/conduit.js", STATIC / "js/editor.js", STATIC / "vendor/htmx/htmx.min.js"]
    assert zipped(*reading) <= 20 * 1024
    assert zipped(*writing) <= 20 * 1024


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_nothing_inline(template: Path) -> None:
    """What the content security policy refuses; a block of data (JSON-LD) is no script."""
    html = template.read_text().replace('<script type="application/ld+json">', "")
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:|hx-on|js:", html) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_loads_nothing_from_elsewhere(template: Path) -> None:
    assert re.findall(r'(?:src|href|hx-\w+)="(?:https?:)?//', template.read_text()) == []


def test_the_stylesheet_and_the_script_load_nothing_from_elsewhere() -> None:
    assert re.findall(r"@import|url\(|https?://", CSS + SCRIPT) == []


def test_every_static_file_that_a_template_names_exists() -> None:
    names = {name for file in TEMPLATES for name in re.findall(r"{% static '([^']+)'", file.read_text())}
    assert names
    assert {name for name in names if not (STATIC / name).is_file()} == set()


def test_every_icon_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="(\w+)"', (STATIC / "img/icons.svg").read_text()))
    assert set(icons()) - drawn == set()


def icons() -> Iterator[str]:
    for text in [*(file.read_text() for file in TEMPLATES), SCRIPT]:
        for name in re.findall(r'<use href="[^"#]*#([^"]+)"', text):
            yield from re.findall(r"\w+", re.sub(r"{%.*?%}", " ", name))


@pytest.mark.parametrize(
    "readme", sorted(STATIC.glob("vendor/*/README.md")), ids=lambda path: path.parent.name
)
def test_a_vendored_file_is_the_one_that_its_readme_sums(readme: Path) -> None:
    sums = dict(
        reversed(line.split()) for line in re.findall(r"^\w{128} .+$", readme.read_text(), re.MULTILINE)
    )
    files = {file.name: file for file in readme.parent.iterdir() if file != readme}
    assert files.keys() == sums.keys()
    assert {name: hashlib.sha512(file.read_bytes()).hexdigest() for name, file in files.items()} == sums
