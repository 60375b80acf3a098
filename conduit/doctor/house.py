"""This installation: its secret, its static files, its folder, what Django says of its deployment."""

import filecmp
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core import checks

from conduit.doctor.findings import Check, Finding, fail, ok, warn
from conduit.doctor.room import room
from conduit.environment import LOCAL_HOSTS

LONG_ENOUGH = 50
COLLECT = "manage.py collectstatic --noinput"


def secret_key() -> Iterator[Finding]:
    if len(settings.SECRET_KEY) < LONG_ENOUGH:
        remedy = "Set SECRET_KEY, or leave it out: one is made then. docs/runbooks/rotate-keys.md"
        yield fail("secret key", f"has {len(settings.SECRET_KEY)} characters: it can be guessed", remedy)
        return
    file = settings.VAR / "secret-key"
    kept = file.exists() and file.read_text() == settings.SECRET_KEY
    if kept and stat.S_IMODE(file.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        yield fail(
            "secret key", f"others may read {file}", f"chmod 600 {file}, then docs/runbooks/rotate-keys.md"
        )
    else:
        yield ok("secret key", f"kept in {file}" if kept else "from the environment")


def static_files() -> Iterator[Finding]:
    """Whether what was collected is what this code has; DEBUG serves the sources themselves."""
    if settings.DEBUG:
        yield ok("static files", "served from their sources, because of DEBUG")
        return
    stale = sorted(name for name, source in _sources() if not _same(source, settings.STATIC_ROOT / name))
    if stale:
        more = f" and {len(stale) - 3} more" if stale[3:] else ""
        said = f"not collected, or of another version: {', '.join(stale[:3])}{more}"
        yield fail("static files", said, COLLECT)
    else:
        yield ok("static files", f"collected in {settings.STATIC_ROOT}")


def _sources() -> Iterator[tuple[str, Path]]:
    for finder in get_finders():
        for name, storage in finder.list(ignore_patterns=["CVS", ".*", "*~"]):
            yield name, Path(storage.path(name))


def _same(source: Path, collected: Path) -> bool:
    return collected.is_file() and filecmp.cmp(source, collected, shallow=False)


def folder() -> Iterator[Finding]:
    """What is kept beside the database: the secret key, static files, the embedded server."""
    var = settings.VAR
    nearest = next(each for each in (var, *var.parents) if each.exists())
    if not os.access(nearest, os.W_OK):
        yield warn(
            "folder", f"{var} can't be written to", "chown it to whoever runs this, or set SECRET_KEY."
        )
    else:
        yield room("folder", shutil.disk_usage(nearest), f"{var} can be written to")


def deployment() -> Iterator[Finding]:
    """Django's own checks, and ours, for a site that is not for this machine alone."""
    hosts = set(settings.ALLOWED_HOSTS)
    if hosts <= set(LOCAL_HOSTS):
        yield ok("deployment", "for this machine only")
        return
    if settings.DEBUG:
        yield fail("deployment", "DEBUG is on, for everybody to see", "Unset DEBUG.")
    for message in checks.run_checks(include_deployment_checks=True):
        if message.level >= checks.WARNING and not message.is_silenced():
            yield warn(
                "deployment", f"{message.id}: {message.msg}", message.hint or "manage.py check --deploy"
            )
    if not settings.METRICS_TOKEN:
        yield warn("deployment", "nobody can read /metrics", "Set METRICS_TOKEN, and give it to Prometheus.")
    yield ok("deployment", f"for {', '.join(sorted(hosts))}")


CHECKS: list[Check] = [secret_key, static_files, folder, deployment]
