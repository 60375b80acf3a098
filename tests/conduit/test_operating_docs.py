"""What operators are given besides the commands: every name in it exists, every command line in it is understood."""

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands, load_command_class
from django.db import connection
from django.test import RequestFactory
from prometheus_client.parser import text_string_to_metric_families

from conduit import metrics, vital_signs
from eventstore import operating

ROOT = Path(__file__).resolve().parents[2]
OPERATE, RUNBOOKS = ROOT / "docs" / "operate", ROOT / "docs" / "runbooks"
README = (ROOT / "README.md").read_text()
SECTIONS = ["Symptom", "Look", "Decide", "Do", "Verify", "Undo", "Tried"]
SITUATIONS = {
    *("lag-growing", "projection-stuck", "parked-events", "rebuild-without-downtime", "restore-from-backup"),
    *("replay-one-stream", "wrong-event-deployed", "disk-full", "websocket-storm", "upgrade-postgresql"),
    *("rotate-keys", "out-of-connections", "clock-jumped"),
}
PAGES = sorted(path for path in RUNBOOKS.glob("*.md") if path.name != "README.md")
RULES = [
    rule
    for group in yaml.safe_load((OPERATE / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads((OPERATE / "grafana.json").read_text())
OF_PROMETHEUS = {"up"}
SAMPLE = re.compile(r"\b(up|(?:conduit|process)_[a-z_]+)\b(?:\{([^}]*)\})?")


def named(path):
    return path.stem


# Metrics


@pytest.fixture(scope="module")
def exported(fresh_database):
    """The labels of every sample that a process exports, by its name; also of those that have no sample yet."""
    with fresh_database("docs"):
        operating.order_replay("blog.pages", "so that there is one")
        vital_signs.signs._answer = None  # of another test's database, a moment ago
        text = metrics.exposition(RequestFactory().get("/metrics")).content.decode()
    found = {}
    for family in text_string_to_metric_families(text):
        labels = _declared(family.name) | {label for sample in family.samples for label in sample.labels}
        endings = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}.get(family.type, [""])
        for ending in endings:
            found[family.name + ending] = labels | ({"le"} if ending == "_bucket" else set())
    return found


def _declared(name):
    """What a counter without a sample is labelled by."""
    known = metrics.registry._names_to_collectors.get(name)
    return set(getattr(known, "_labelnames", ()))


def asked_for(expression):
    """The samples that an expression of PromQL names, each with the labels that it is chosen by."""
    return [
        (name, set(re.findall(r"(\w+)\s*[=!]", matchers)) - {"job", "instance"})
        for name, matchers in SAMPLE.findall(expression)
    ]


PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = {
    **{rule["alert"]: [rule["expr"]] for rule in RULES},
    **{panel["title"]: [target["expr"] for target in panel["targets"]] for panel in PANELS},
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_every_metric_that_is_watched_is_exported(exported, name):
    for expression in EXPRESSIONS[name]:
        asked = asked_for(expression)
        assert asked
        for sample, labels in asked:
            assert sample in OF_PROMETHEUS or sample in exported, sample
            assert labels <= exported.get(sample, set()), (sample, labels)
        assert expression.count("(") == expression.count(")")


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_what_is_summed_up_by_a_label_has_it(exported, name):
    for expression in EXPRESSIONS[name]:
        labels = set().union(*(exported.get(sample, set()) for sample, _ in asked_for(expression)))
        for listed in re.findall(r"\bby \(([^)]*)\)", expression):
            assert {label.strip() for label in listed.split(",")} <= labels | {"instance", "job"}


def test_every_metric_of_the_log_is_watched(exported):
    watched = " ".join(expression for found in EXPRESSIONS.values() for expression in found)
    ours = {re.sub(r"_(bucket|count|sum)$", "", name) for name in exported if name.startswith("conduit_")}
    assert [name for name in sorted(ours) if name not in watched] == []


def test_alerts_say_what_to_do():
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        assert (ROOT / rule["annotations"]["runbook"]).is_file(), rule["alert"]


def test_the_dashboard_fits_together():
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) == 23


# Runbooks


def test_there_is_a_runbook_for_every_situation():
    assert {path.stem for path in PAGES} == SITUATIONS
    assert all(f"({path.name})" in (RUNBOOKS / "README.md").read_text() for path in PAGES)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_runbook_goes_from_symptom_to_undo_and_was_tried(page):
    assert re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE) == SECTIONS


@pytest.mark.parametrize("page", [*PAGES, RUNBOOKS / "README.md", ROOT / "README.md"], ids=named)
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_alert_that_a_runbook_names_exists(page):
    assert set(re.findall(r"`(Conduit[A-Z]\w+)`", page.read_text())) <= {rule["alert"] for rule in RULES}


# Command lines


def command_lines(text):
    """Those of blocks, as they are typed, and those that are quoted in a sentence."""
    blocks = re.findall(
        r"^    (?:\S+=\S+ )*(?:python |\.venv/bin/python )?manage\.py (.+)$", text, re.MULTILINE
    )
    return [*blocks, *re.findall(r"`(?:python )?manage\.py ([^`]+)`", text)]


LINES = [
    pytest.param(line, id=f"{page.stem}: {line}")
    for page in [*PAGES, RUNBOOKS / "README.md", ROOT / "README.md"]
    for line in command_lines(page.read_text())
    if "…" not in line and not line.startswith(("--", "migrate", "collectstatic", "check"))
]


def parse(line):
    name, *arguments = shlex.split(re.sub(r"<\w+>", "1", line))
    apps = get_commands()
    assert name in apps, name
    parser = load_command_class(apps[name], name).create_parser("manage.py", name)
    parser.parse_args(arguments)


@pytest.mark.parametrize("line", LINES)
def test_every_command_line_is_understood(line):
    parse(line)


def test_a_command_line_that_is_wrong_is_noticed():
    with pytest.raises(BaseException, match="unrecognized arguments: --no-such"):
        parse("verify_log --no-such")
    with pytest.raises(AssertionError):
        parse("no_such_command")
    assert command_lines("    python manage.py verify_log --json\n") == ["verify_log --json"]


def test_the_readme_names_every_command_of_ours_for_operators():
    _, _, told = README.partition("## Operate it")
    told, _, _ = told.partition("\n## ")
    rows = re.findall(r"^\| (`.+?) \|", told, re.MULTILINE)
    quoted = {word for row in rows for word in re.findall(r"`(\w+)", row)}
    ours = {
        name for name, app in get_commands().items() if app in {"conduit", "blog", "accounts", "eventstore"}
    }
    assert ours - {"migrate", "serve"} <= quoted


# SQL


def test_who_keeps_everybody_waiting_can_be_looked_up(database):
    statement = (OPERATE / "blockers.sql").read_text()
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.fetchall() == []
    other = connection.copy()
    other.settings_dict["OPTIONS"].pop("pool", None)
    try:
        other.cursor().execute("SET idle_in_transaction_session_timeout = 0")
        other.set_autocommit(False)
        other.cursor().execute("SELECT FROM eventstore_checkpoint FOR UPDATE")
        with connection.cursor() as cursor:
            cursor.execute(statement.replace("'2 seconds'", "'0 seconds'"))
            [(_, holds, *_)] = cursor.fetchall()
            assert holds == "eventstore_checkpoint"
    finally:
        other.rollback()
        other.close()
