"""A log line is one line, whatever is in it."""

import json
import logging

from conduit.json_log import JsonLines


def line(message, *values, error=None):
    record = logging.LogRecord("blog", logging.WARNING, __file__, 1, message, values, error)
    return JsonLines().format(record)


def test_a_record_is_one_json_object():
    said = json.loads(line("%s people", 3))
    assert (said["level"], said["logger"], said["message"]) == ("WARNING", "blog", "3 people")
    assert said["time"].endswith("+00:00")


def test_nobody_can_forge_a_second_line():
    forged = line("Not Found: %s", '/x\n{"level": "INFO"}\x1b[2J\u2028')
    assert forged.isascii()
    assert len(forged.splitlines()) == 1
    assert "\x1b" not in forged


def test_an_exception_is_part_of_its_line():
    said = line("failed", error=(ValueError, ValueError("on\npurpose"), None))
    assert len(said.splitlines()) == 1
    assert "ValueError" in json.loads(said)["error"]
