"""Who runs PostgreSQL: we ourselves, unless we are root, whom it refuses. Then an unprivileged account does.

Such an account is trusted to reach no more of the disk than the whole world does.
"""

import os
import pwd
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import EmbeddedPostgresError

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int
    borrowed: bool = False

    def can_reach(self, paths: Iterable[Path]) -> bool:
        """Whether it may read all of these; what does not exist yet is ours to make, so it may."""
        return not self.borrowed or all(_open_to_all(path) for path in paths if path.exists())

    def can_enter(self, folder: Path) -> bool:
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        return not self.borrowed or all(_enterable(path) for path in (existing, *existing.parents))

    def give(self, path: Path) -> None:
        if self.borrowed:
            os.chown(path, self.uid, self.gid)

    def make_way(self, folder: Path) -> None:
        """Create a folder that the account can enter, whatever the umask; leave existing ones as they are."""
        for path in reversed((folder, *folder.parents)):
            if not path.exists():
                path.mkdir(exist_ok=True)
                if self.borrowed:
                    path.chmod(0o755)

    def as_subprocess_options(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.borrowed else {}


def who_runs_postgres(data: Path) -> Account:
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if data.exists():
        return Account(data.stat().st_uid, data.stat().st_gid, borrowed=True)
    entries = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in CANDIDATES:
        if name in entries:
            return Account(entries[name].pw_uid, entries[name].pw_gid, borrowed=True)
    raise EmbeddedPostgresError(
        f"PostgreSQL does not run as root, and there is no account {' or '.join(CANDIDATES)} to run it as."
    )


def _open_to_all(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o004) and all(_enterable(parent) for parent in path.resolve().parents)


def _enterable(folder: Path) -> bool:
    return bool(folder.stat().st_mode & 0o001)
