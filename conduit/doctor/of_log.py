"""The log and whoever follows it: what guards it, who may do what, who gets on and who does not."""

from collections.abc import Iterator

from django.conf import settings

from conduit.doctor.findings import Check, Finding, State, fail, ok, warn
from conduit.vital_signs import unapplied
from eventstore import health, roles, status
from eventstore.database import rows, sql
from eventstore.health import Light
from eventstore.policy import policies
from eventstore.projector import projectors
from eventstore.shadow import Shadow


def migrations() -> Iterator[Finding]:
    if missing := unapplied():
        yield fail("migrations", f"{', '.join(missing)} not applied", "manage.py migrate")
    else:
        yield ok("migrations", "all applied")


def guards() -> Iterator[Finding]:
    """Triggers that refuse changes (also of superusers), keys, and how positions are drawn."""
    wrong = rows(sql("verify_guards"))
    for kind, name, what in wrong:
        remedy = "Find out who changed it, restore what the migrations made, then manage.py verify_log"
        yield fail("guards", f"{kind} {name}: {what}", remedy)
    if not wrong:
        yield ok("guards", "triggers ENABLE ALWAYS, keys in place, positions drawn one by one")


def rights() -> Iterator[Finding]:
    """What the role that serves may do: all that it needs; more only where it owns the tables."""
    [(role,)] = rows(b"SELECT current_user::text")
    lacks, could = roles.lacking(role), roles.exceeding(role)
    for lack in lacks:
        yield fail("rights", f"the role lacks {lack}", f"manage.py grant_app_role {role}")
    if could and not settings.DEBUG:
        said = f"the role that serves could change what was recorded: {could[0]}"
        yield warn("rights", said, "Serve as another role than the owner: docs/operate/README.md")
    elif not lacks:
        yield ok("rights", "enough to serve" + ("" if could else ", too few to change the log"))


STATES = {Light.GOOD: State.OK, Light.WATCH: State.WARN, Light.BAD: State.FAIL}
REMEDIES = {
    "workers": "manage.py run_projectors, or manage.py serve",
    "log": "See what it is, then SELECT pg_terminate_backend(...): docs/runbooks/projection-stuck.md",
}
OF_A_FOLLOWER = "manage.py projection_status, and docs/runbooks/projection-stuck.md or parked-events.md"


def condition() -> Iterator[Finding]:
    """Everybody who follows, who works, who keeps the log open: as the dashboard judges them."""
    for judged in health.condition().findings:
        remedy = REMEDIES.get(judged.about, OF_A_FOLLOWER) if judged.light is not Light.GOOD else ""
        yield Finding(judged.about, STATES[judged.light], judged.words, remedy)


def strangers() -> Iterator[Finding]:
    ours = [each.name for each in (*projectors, *policies)]
    found = rows(
        b"SELECT name FROM eventstore_checkpoint WHERE name <> ALL(%s::text[]) ORDER BY name", (ours,)
    )
    for (name,) in found:
        remedy = "Older code left it, or newer code is running elsewhere; it is in nobody's way."
        yield warn("checkpoints", f"{name} has one, and no code here", remedy)
    if not found:
        yield ok("checkpoints", "each belongs to somebody")


def leftovers() -> Iterator[Finding]:
    """A rebuild that was killed leaves its tables; the next one of that projector drops them."""
    found = rows(b"SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'rebuild\\_%' ORDER BY nspname")
    at_work = {Shadow(each).schema for each in projectors if status.standing(each).rebuilding}
    left = [schema for (schema,) in found if schema not in at_work]
    for schema in left:
        remedy = f"The next rebuild drops them, or DROP SCHEMA {schema} CASCADE;"
        yield warn("leftovers", f"tables of a rebuild that was cut short: {schema}", remedy)
    if not left:
        yield ok("leftovers", "none")


CHECKS: list[Check] = [guards, rights, condition, strangers, leftovers]
