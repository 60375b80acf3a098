"""A fact whose shape has changed twice: whatever was written in an older one is read in today's.

Jars were weighed in ounces, then in grams as text; today they are weighed in grams, on a named scale.
"""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as any_

from eventstore import codec, messages
from eventstore.catch_up import catch_up
from eventstore.codec import FutureEvent
from eventstore.messages import event, upcaster
from eventstore.projector import Add, Projector, projectors
from eventstore.rebuild import Rebuild
from eventstore.verify import Verification
from tests.eventstore import beans
from tests.eventstore.tools import another, one

GRAMS_TO_AN_OUNCE = 28

_registries: list[dict[Any, Any]] = [messages.EVENT_TYPES, messages.EVENT_NAMES, messages.UPCASTERS]
_before = [dict(registry) for registry in _registries]


@event("beans.weighed", schema=3)
class JarWeighed:
    jar: str
    grams: int
    scale: str | None = None


@upcaster("beans.weighed", schema=1)
def in_grams(data):
    return {"jar": data["jar"], "weight": f"{data['ounces'] * GRAMS_TO_AN_OUNCE} g"}


@upcaster("beans.weighed", schema=2)
def as_a_number(data):
    return {"jar": data["jar"], "grams": int(data["weight"].removesuffix(" g"))}


scales = Projector("beans.scales", tables=[beans.Shelf])
projectors.remove(scales)


@scales.on(JarWeighed)
def weigh(event, fact):
    yield Add(beans.Shelf, event.jar, beans=event.grams)


_declared = [
    {key: value for key, value in now.items() if key not in before}
    for now, before in zip(_registries, _before, strict=True)
]
for registry, added in zip(_registries, _declared, strict=True):
    for key in added:
        del registry[key]


@pytest.fixture(autouse=True)
def _weighing(monkeypatch):
    for registry, added in zip(_registries, _declared, strict=True):
        for key, value in added.items():
            monkeypatch.setitem(registry, key, value)


def _in_every_schema(ounces):
    yield 1, {"jar": "a", "ounces": ounces}
    yield 2, {"jar": "a", "weight": f"{GRAMS_TO_AN_OUNCE * ounces} g"}
    yield 3, {"jar": "a", "grams": GRAMS_TO_AN_OUNCE * ounces}


WRITE = """
WITH command AS (
    INSERT INTO eventstore_command (id, name, stream, first_version, last_version, correlation_id, outcome, reason,
        payload, digest, address, duration_us, recorded_at)
    SELECT gen_random_uuid(), 'beans.add', 'jar-a', nth, nth, gen_random_uuid(), 'accepted', '', '{}', '', '', 0,
        now()
    FROM (VALUES (%(version)s::int)) AS row (nth)
    RETURNING id
)
INSERT INTO eventstore_event (stream, version, type, schema, data, command_id, recorded_at)
SELECT 'jar-a', %(version)s, 'beans.weighed', %(schema)s, %(data)s::jsonb, id, now() FROM command
"""


def write(*written):
    """Puts facts into the log as older code, or newer, has done it."""
    with another() as raw:
        for version, (schema, data) in enumerate(written, start=1):
            raw.execute(WRITE, {"version": version, "schema": schema, "data": json.dumps(data)})


@given(any_.integers(0, 10**6))
def test_what_was_written_in_any_schema_is_read_in_todays(ounces):
    for schema, data in _in_every_schema(ounces):
        found = codec.decode("beans.weighed", schema, json.dumps(data))
        assert found == JarWeighed(jar="a", grams=GRAMS_TO_AN_OUNCE * ounces)


def test_it_is_written_in_todays_schema_only():
    name, schema, data = codec.encode(JarWeighed(jar="a", grams=7, scale="red"))
    assert (name, schema, json.loads(data)) == ("beans.weighed", 3, {"jar": "a", "grams": 7, "scale": "red"})


@pytest.mark.parametrize("schema", [0, -1, 4, 99])
def test_a_schema_that_nobody_declared_is_not_guessed(schema):
    with pytest.raises(FutureEvent if schema > 3 else KeyError):
        codec.decode("beans.weighed", schema, '{"jar": "a", "grams": 7}')


def test_a_shape_that_is_lifted_wrong_is_found_out_when_it_is_read(monkeypatch):
    monkeypatch.setitem(messages.UPCASTERS, ("beans.weighed", 2), lambda data: {**data, "grams": "7"})
    with pytest.raises(Exception, match="Expected `int`, got `str`"):
        codec.decode("beans.weighed", 1, '{"jar": "a", "ounces": 7}')


def test_a_log_in_every_schema_is_projected_rebuilt_and_verified_as_one(shelf, follow):
    follow(scales)
    write(*_in_every_schema(3), *_in_every_schema(5))
    catch_up()
    assert one("SELECT beans FROM beans_shelf") == 3 * GRAMS_TO_AN_OUNCE * (3 + 5)
    assert not Rebuild(scales).run(check=True).differing
    problems = []
    assert Verification(problems.append).run().events == 6
    assert problems == []


def test_a_schema_of_the_future_stops_who_follows_it_and_nobody_else(shelf, follow):
    follow(scales, beans.bowls)
    write((3, {"jar": "a", "grams": 7}), (4, {"jar": "a", "stones": 7}), (3, {"jar": "a", "grams": 7}))
    assert [(follower.name, follower.position, follower.stopped) for follower in catch_up()] == [
        ("beans.scales", 1, True),
        ("peas.bowls", 3, False),
    ]
    problems = []
    Verification(problems.append).run()
    assert [(problem.name["position"], problem.name["version"]) for problem in problems] == [(2, 2)]
