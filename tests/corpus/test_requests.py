"""More than 10,000 malformed requests to the site as it is served: every one is answered in words and in time, none
leaves anything behind."""

import json
from collections import Counter
from http import HTTPStatus
from uuid import UUID

import psutil

from eventstore.log import head
from tests.corpus.addresses import addresses
from tests.corpus.asks import Corpus
from tests.corpus.line import asked
from tests.eventstore.tools import ask as sql
from tests.live.listening import MEGABYTE, memory
from tests.live.wire import answer, said

MOST = 10_200
"""Requests of a default run. With --stress it is all of them."""

WARM = 2_500
"""Requests after which whatever a server keeps is kept."""

BOUND_S = 2.0
APPENDED = """
SELECT event.type, command.correlation_id FROM eventstore_event AS event
JOIN eventstore_command AS command ON command.id = event.command_id WHERE event.position > %s
"""


class Run:
    """What came of it: the answers, what was appended meanwhile, and by how much the server has grown."""

    def __init__(self, site, people, most):
        port, process, self.temporary = site
        described = json.loads(answer(port, "/api/openapi.json")[2])
        asks = Corpus(people, described).all()[:most]
        before, began = head(), psutil.Process(process.pid).cpu_times()
        self.answers = asked(port, asks[:WARM])
        warm = memory(process)
        self.answers += asked(port, asks[WARM:])
        self.grown = memory(process) - warm
        self.worked_s = psutil.Process(process.pid).cpu_times().user - began.user
        self.appended = sql(APPENDED, before)
        self.log = said(process).splitlines()

    def those(self, wrong):
        """The answers of which this is true, for whoever has to look into it."""
        return [
            f"{each.status} in {each.took_s:.2f} s: {each.ask.label[:150]}: {each.body[:80]!r}"
            for each in self.answers
            if wrong(each)
        ]


def none_is_unanswered(run):
    return run.those(lambda it: it.status <= 0)


def none_is_answered_by_a_mistake_of_ours(run):
    return run.those(lambda it: it.status >= 500)


def none_takes_long(run):
    return run.those(lambda it: it.took_s > BOUND_S)


def none_is_taken_that_cannot_be_meant(run):
    return run.those(lambda it: it.ask.refused and not 400 <= it.status < 500)


def none_is_refused_without_words_in_the_form_of_its_door(run):
    return run.those(lambda it: 400 <= it.status < 500 and not in_form(it))


def in_form(it):
    if it.ask.has_no_body or it.ask.path == "/live":  # whose answers no person reads
        return True
    kind = it.headers.get("content-type", "")
    match it.ask.door:
        case "api":
            return kind == "application/json; charset=utf-8" and in_words(json.loads(it.body))
        case "page" | "admin" | "static":
            return kind.startswith("text/html") and b"<h1" in it.body
        case _:
            return kind and it.body.strip()


def in_words(said):
    return said["errors"] and all(words and all(words) for words in said["errors"].values())


def nothing_is_appended_by_what_was_refused(run):
    by = {_number(it.ask): it for it in run.answers}
    return [
        (kind, by[told_by].ask.label if told_by in by else told_by)
        for kind, told_by in run.appended
        if told_by not in by or not by[told_by].ask.appends or by[told_by].status >= 400
    ]


def _number(ask):
    """The id that it was sent with."""
    _, found, rest = ask.sent.partition(b"X-Request-Id: c0")
    return UUID(f"c0{rest[:34].decode()}") if found else None


def memory_does_not_grow(run):
    return [f"{run.grown:,} bytes"] if run.grown > 16 * MEGABYTE else []


def no_file_is_left(run):
    return list(run.temporary.iterdir())


def the_log_tells_of_no_error_and_has_no_traceback(run):
    return [line for line in run.log if not line.startswith("{") or is_error(json.loads(line))]


def is_error(line):
    return line["level"] in {"ERROR", "CRITICAL"} or "error" in line


CHECKS = (
    *(
        none_is_unanswered,
        none_is_answered_by_a_mistake_of_ours,
        none_takes_long,
        none_is_taken_that_cannot_be_meant,
    ),
    *(none_is_refused_without_words_in_the_form_of_its_door, nothing_is_appended_by_what_was_refused),
    *(memory_does_not_grow, no_file_is_left, the_log_tells_of_no_error_and_has_no_traceback),
)


def test_malformed_requests_are_refused_in_words_and_leave_nothing_behind(
    site, people, request, record_property
):
    """In one test: where tests are spread over processes, each would have to send them all."""
    run = Run(site, people, None if request.config.getoption("--stress") else MOST)
    record_property("by status", dict(Counter(each.status for each in run.answers)))
    record_property("bytes grown, seconds of work", (run.grown, run.worked_s))
    assert len(run.answers) >= 10_000
    assert {each.ask.path for each in run.answers} >= {address.path for address in addresses()}
    found = {check.__name__: list(check(run)) for check in CHECKS}
    assert not any(found.values()), "\n".join(_listed(found))
    assert len(run.appended) > 10, "nothing came as far as a command"
    _is_signed_in(site[0], people)


def _listed(found):
    for name, those in found.items():
        if those:
            yield from (f"{name.replace('_', ' ')}, but {len(those)}:", *map(str, those[:50]))


def _is_signed_in(port, people):
    """Else what came later would have met nothing but a closed door."""
    assert answer(port, "/settings", Cookie=f"sessionid={people.jane.session}")[0] == HTTPStatus.OK
    assert answer(port, "/api/user", Authorization=f"Token {people.jane.token}")[0] == HTTPStatus.OK
    assert answer(port, "/admin/", Cookie=f"sessionid={people.ada.session}")[0] == HTTPStatus.OK
