"""The house rules that no linter knows: how large things grow, who may write, that nothing is forgotten."""

import ast
import re
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from accounts import commands as accounts_commands
from accounts.events import SignInFailed
from blog import commands as blog_commands
from blog.events import AuthorCreated
from eventstore.decider import deciders
from eventstore.messages import COMMAND_TYPES, EVENT_TYPES, AlreadyTaken, Rejection
from eventstore.policy import policies
from eventstore.projector import projectors

ROOT = Path(__file__).parent.parent
PACKAGES = ("conduit", "eventstore", "accounts", "blog")
CONTEXTS = ("accounts", "blog")
LONGEST_MODULE, LONGEST_FUNCTION = 300, 30
TABLES_OF_CASES = {"decide"}
"""As long as there are cases, each a sentence of the rules."""

SHOWN_NOWHERE = {AuthorCreated, SignInFailed}
"""An author's page is there as soon as the person is; failed visits are for the audit."""

WRITING = {
    "abulk_create", "acreate", "adelete", "aupdate", "bulk_create", "bulk_update", "create", "get_or_create",
    "save", "update_or_create",
}  # fmt: skip
PAST_DISPATCH = {"eventstore.store", "eventstore.changes", "eventstore.tables", "eventstore.database"}
WRITERS = {"accounts/credentials.py", "accounts/sessions.py", "accounts/tokens.py"}
"""What stands beside the log: passwords, sessions, and tokens."""

SECRETS = re.compile("password|passwd|secret|token|hash|session|key|cookie|credential", re.IGNORECASE)


def modules(*folders):
    return [
        path.relative_to(ROOT)
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def tree(path):
    return ast.parse((ROOT / path).read_text())


def functions(path):
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def imports(path):
    """The modules that a module imports, wherever in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{'.' * node.level}{node.module or ''}"


def calls(path):
    """The names of the methods that a module calls."""
    nodes = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    return {node.func.attr for node in nodes if isinstance(node.func, ast.Attribute)}


def of_contexts(kinds):
    """The classes that the contexts declare, not those of other tests."""
    return [cls for cls in kinds if cls.__module__.partition(".")[0] in CONTEXTS]


EVENTS, COMMANDS = of_contexts(EVENT_TYPES), of_contexts(COMMAND_TYPES)


def named(thing):
    return getattr(thing, "__name__", str(thing))


def test_no_module_is_longer_than_300_lines():
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in modules(*PACKAGES)}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_30_lines_but_a_table_of_cases():
    found = [(str(path), node) for path in modules(*PACKAGES) for node in functions(path)]
    lengths = {(path, node.name): node.end_lineno - node.lineno + 1 for path, node in found}
    long = {place for place, lines in lengths.items() if lines > LONGEST_FUNCTION}
    assert {place for place in long if place[1] not in TABLES_OF_CASES} == set()


def test_every_module_says_what_lives_in_it():
    speaking = [path for path in modules(*CONTEXTS, "eventstore") if path.name not in {"apps.py", "urls.py"}]
    assert [str(path) for path in speaking if tree(path).body and not ast.get_docstring(tree(path))] == []


PURE = {
    "events.py": r"eventstore\.messages|uuid|datetime|typing",
    "commands.py": r"eventstore\.(messages|text)|accounts\.names|uuid|datetime|typing",
    "names.py": r"eventstore\.text|re|unicodedata|collections\.abc",
    "wording.py": r"unicodedata|collections\.abc|uuid|typing",
    "aggregates": r"eventstore\.(messages|text)|(accounts|blog)\.(commands|events|names|wording)"
    r"|collections\.abc|dataclasses|uuid|typing",
    "policies.py": r"eventstore\.(log|policy)|accounts\.events|blog\.(commands|events)|collections\.abc",
    "projectors.py": r"eventstore\.(log|projector)|(accounts|blog)\.(events|models)|blog\.rendering|typing",
}


def test_what_is_pure_imports_only_what_is_pure():
    allowed = {path: PURE.get(path.name) or PURE.get(path.parent.name) for path in modules(*CONTEXTS)}
    found = [(path, name) for path in allowed if allowed[path] for name in imports(path)]
    assert [(str(path), name) for path, name in found if not re.fullmatch(allowed[path], name)] == []


def test_nobody_writes_tables_by_the_orm():
    """Projectors write by row changes; passwords stand beside the log."""
    found = [(path, name) for path in modules(*CONTEXTS) for name in calls(path) & WRITING]
    assert [(str(path), name) for path, name in found if str(path) not in WRITERS] == []


def test_nobody_writes_past_dispatch():
    found = [(str(path), name) for path in modules(*CONTEXTS) for name in imports(path)]
    assert [(path, name) for path, name in found if name in PAST_DISPATCH] == []


def test_asking_changes_nothing():
    questions = [path for path in modules(*CONTEXTS) if path.name == "queries.py"]
    found = [(str(path), name) for path in questions for name in imports(path)]
    assert [
        (path, name) for path, name in found if name.endswith((".dispatch", ".commands", ".aggregates"))
    ] == []


@pytest.mark.parametrize("event", EVENTS, ids=named)
def test_every_fact_is_shown_somewhere_or_known_to_be_shown_nowhere(event):
    name = EVENT_TYPES[event].name
    assert any(projector.follows(name) for projector in projectors) != (event in SHOWN_NOWHERE)


@pytest.mark.parametrize("event", EVENTS, ids=named)
def test_every_fact_is_named_for_its_context_and_its_class(event):
    context = event.__module__.partition(".")[0]
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower()
    assert EVENT_TYPES[event].name == f"{context}.{words}"


@pytest.mark.parametrize("message", [*EVENTS, *COMMANDS], ids=named)
def test_every_message_is_of_values_that_never_change(message):
    for hint in get_type_hints(message).values():
        assert not {list, dict, set} & {getattr(part, "__origin__", part) for part in (hint, *get_args(hint))}


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_every_command_has_one_aggregate_that_answers_it(command):
    asked = object.__new__(command)
    decider = deciders.of(asked)
    assert all(hasattr(decider, name) for name in ("initial", "stream", "decide", "evolve"))


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_every_command_is_audited_under_the_name_of_its_context_and_its_class(command):
    context = command.__module__.partition(".")[0]
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", command.__name__).lower()
    assert COMMAND_TYPES[command].name == f"{context}.{words}"


@pytest.mark.parametrize("message", [*EVENTS, *COMMANDS], ids=named)
def test_no_message_can_carry_a_secret(message):
    """A yes or no about one is none: that a password changed, that it matched."""
    hints = get_type_hints(message)
    assert [
        field.name
        for field in fields(message)
        if SECRETS.search(field.name) and hints[field.name] is not bool
    ] == []


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_every_text_that_can_be_typed_has_a_limit(command):
    for name, hint in get_type_hints(command, include_extras=True).items():
        if "str" in str(hint):
            assert "Text" in str(hint), f"{name} has no limit"


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_long_texts_are_not_repeated_in_the_audit(command):
    assert not {"body", "bio", "description"} & COMMAND_TYPES[command].audit


REFUSALS = [
    cls
    for module in (accounts_commands, blog_commands)
    for cls in vars(module).values()
    if isinstance(cls, type) and issubclass(cls, Rejection) and cls.__module__ == module.__name__
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=named)
def test_every_refusal_says_why_in_words_of_its_own(refusal):
    assert vars(refusal).get("__doc__")
    assert str(refusal()) == refusal.__doc__.strip()


def test_a_taken_name_is_told_apart_by_its_kind():
    assert str(AlreadyTaken("username")) == "username has already been taken"


def test_projectors_and_policies_have_names_of_their_own():
    names = [one.name for one in [*projectors, *policies]]
    assert len(set(names)) == len(names)


def test_every_table_of_pages_has_one_projector():
    tables = [table for projector in projectors for table in projector.tables]
    assert len(set(tables)) == len(tables)
