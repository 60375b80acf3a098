"""The database server: its version, the settings that the log's promises rest on, its clock, its room."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from conduit.databases import POOL, SESSION
from conduit.doctor.findings import Check, Finding, fail, ok, warn
from conduit.doctor.room import room
from eventstore.database import rows

OLDEST = 15
BESIDE_THE_POOL = 2
"""Connections that a process may open beside its pool: for a refusal's row, and to be asked how it is."""

SKEW_WARN_S, SKEW_FAIL_S = 1.0, 10.0
IN_USE = 0.8
HELD_BACK = 1024**3
"""Bytes of journal that a replication slot may hold back before it is told."""


def version() -> Iterator[Finding]:
    number, said = int(_setting("server_version_num")), _setting("server_version")
    if number < OLDEST * 10_000:
        yield fail("version", f"PostgreSQL {said} is too old", f"Upgrade to PostgreSQL {OLDEST} or newer.")
    else:
        yield ok("version", f"PostgreSQL {said}")


DURABLE = {
    "fsync": {"on"},
    "full_page_writes": {"on"},
    "synchronous_commit": {"on", "local", "remote_write", "remote_apply"},
}


def durability() -> Iterator[Finding]:
    """What was accepted must be there after a crash, of the program or of the machine."""
    wrong = [name for name, allowed in DURABLE.items() if _setting(name) not in allowed]
    for name in wrong:
        remedy = f"ALTER SYSTEM SET {name} = on; SELECT pg_reload_conf();"
        yield fail(
            "durability", f"{name} is {_setting(name)}: a crash may lose or break what was accepted", remedy
        )
    if not wrong:
        yield ok("durability", ", ".join(f"{name} {_setting(name)}" for name in DURABLE))


def session() -> Iterator[Finding]:
    """What every connection asks for when it begins; a pooler in between may drop it."""
    wanted = {name: value.replace("\\", "") for name, value in SESSION.items()}
    asked = rows(b"SELECT name, setting, unit FROM pg_settings WHERE name = ANY(%s::text[])", (list(wanted),))
    known = {name: f"{setting}{unit or ''}" for name, setting, unit in asked}
    wrong = [name for name, value in wanted.items() if _in_ms(known[name]) != _in_ms(value)]
    for name in wrong:
        what = "readers of the log rely on it" if "isolation" in name else "some waits have no end"
        remedy = (
            "Let the pooler pass `options` on, or set it: ALTER ROLE ... SET " + f"{name} = '{wanted[name]}';"
        )
        yield fail("session", f"{name} is {known[name]}, not {wanted[name]}: {what}", remedy)
    if not wrong:
        yield ok("session", "read committed; statements, locks and idle transactions have an end")


def _in_ms(setting: str) -> str:
    """30s and 30000ms are the same."""
    if setting.endswith("s") and setting[:-1].isdigit():
        return f"{setting[:-1]}000ms"
    return setting


def texts() -> Iterator[Finding]:
    encoding, zone = _setting("server_encoding"), _setting("TimeZone")
    if encoding != "UTF8":
        yield fail(
            "encoding", f"the database is in {encoding}", "Make it anew: CREATE DATABASE ... ENCODING 'UTF8';"
        )
    else:
        yield ok("encoding", encoding)
    if zone != "UTC":
        yield warn("time zone", f"sessions are in {zone}", "ALTER ROLE ... SET timezone = 'UTC';")
    else:
        yield ok("time zone", zone)


def collation() -> Iterator[Finding]:
    """Another operating system may sort otherwise: indexes of texts that were built before are wrong then."""
    [(was, now)] = rows(
        b"SELECT datcollversion, pg_database_collation_actual_version(oid) FROM pg_database "
        b"WHERE datname = current_database()"
    )
    if was != now:
        remedy = (
            "REINDEX DATABASE; then ALTER DATABASE ... REFRESH COLLATION VERSION; then manage.py verify_log"
        )
        yield fail(
            "collation", f"texts were sorted by version {was}, now by {now}: indexes may be wrong", remedy
        )
    else:
        yield ok("collation", f"version {now}" if now else "has no versions")


def writing() -> Iterator[Finding]:
    [(standby,)] = rows(b"SELECT pg_is_in_recovery()")
    if standby or _setting("default_transaction_read_only") == "on":
        what = "it is a standby" if standby else "default_transaction_read_only is on"
        yield fail("writing", f"nothing can be written: {what}", "Point DATABASE_URL at the primary.")
    else:
        yield ok("writing", "the primary")


def connections() -> Iterator[Finding]:
    """Whether the server has room for what the processes may ask for at once."""
    kept = int(_setting("superuser_reserved_connections"))
    [(used,)] = rows(
        b"SELECT count(*) FROM pg_stat_activity "
        b"WHERE usesysid IS NOT NULL AND coalesce(backend_type, '') IN ('client backend', '')"
    )  # what the sessions of others are is not for everybody to know
    room_for, each = int(_setting("max_connections")) - kept, POOL["max_size"] + BESIDE_THE_POOL
    said = f"{used} of {room_for} in use; each process may take {each}: room for {room_for // each} processes"
    remedy = "Raise max_connections (a restart), or run fewer processes."
    if room_for < each:
        yield fail("connections", said, remedy)
    elif used > IN_USE * room_for:
        yield warn("connections", said, remedy)
    else:
        yield ok("connections", said)


def clock() -> Iterator[Finding]:
    """Half of the time that the question took is how wrong the answer may be."""
    before = datetime.now(UTC)
    [(theirs,)] = rows(b"SELECT clock_timestamp()")
    after = datetime.now(UTC)
    skew_s = abs((theirs - (before + (after - before) / 2)).total_seconds())
    said = f"this machine and the database differ by {skew_s:.3f} s"
    if skew_s > SKEW_FAIL_S + (after - before).total_seconds():
        yield fail("clock", said, "Let both follow a time server (chrony, systemd-timesyncd).")
    elif skew_s > SKEW_WARN_S + (after - before).total_seconds():
        yield warn("clock", said, "Let both follow a time server (chrony, systemd-timesyncd).")
    else:
        yield ok("clock", said)


def upkeep() -> Iterator[Finding]:
    if _setting("autovacuum") != "on":
        remedy = "ALTER SYSTEM SET autovacuum = on; SELECT pg_reload_conf();"
        yield fail("upkeep", "autovacuum is off: read models grow, and queries are planned badly", remedy)
    else:
        yield ok("upkeep", "autovacuum on")
    held = rows(
        b"SELECT slot_name::text, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint "
        b"FROM pg_replication_slots WHERE NOT active AND NOT pg_is_in_recovery()"
    )
    for slot, size in held:
        if (size or 0) > HELD_BACK:
            said = (
                f"nobody reads the replication slot {slot}: it holds back {size / 1024**3:.1f} GiB of journal"
            )
            yield warn(
                "upkeep", said, f"Bring its reader back, or SELECT pg_drop_replication_slot('{slot}');"
            )


def disk() -> Iterator[Finding]:
    """The disk of the database, where this machine can see it."""
    [(size,)] = rows(b"SELECT pg_database_size(current_database())")
    folder = _data_folder()
    told = f"the database takes {size / 1024**2:,.0f} MiB"
    if folder is None:
        yield ok("database's disk", f"{told}; its disk can't be seen from here")
    else:
        yield room("database's disk", shutil.disk_usage(folder), told)


def _data_folder() -> Path | None:
    """None if it is another machine's, or not for this role to know."""
    host: Any = settings.DATABASES["default"].get("HOST") or "/"
    [(may_know,)] = rows(b"SELECT pg_has_role(current_user, 'pg_read_all_settings', 'USAGE')")
    if not may_know or not host.startswith(("/", "127.", "localhost", "::1")):
        return None
    folder = Path(_setting("data_directory"))
    return folder if folder.is_dir() else None


def _setting(name: str) -> str:
    [(value,)] = rows(b"SELECT current_setting(%s)", (name,))
    return str(value)


CHECKS: list[Check] = [
    *(version, durability, session, texts, collation, writing, connections, clock, upkeep, disk),
]
