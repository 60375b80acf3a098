"""Where the embedded server lives: the same for every process, and known before anything is created."""

import hashlib
import os
from pathlib import Path

from .account import Account

LONGEST_SOCKET_PATH = 103  # sun_path holds 104 bytes on macOS and 108 on Linux, one of them NUL
SOCKET = ".s.PGSQL.5432"
SYSTEM_HOMES = Path("/var/lib/conduit")


def home_for(wanted: Path, account: Account) -> Path:
    """The wanted folder, or one below /var/lib if the account cannot walk there (a checkout inside /root)."""
    if (wanted / "data").exists() or account.can_enter(wanted):
        return wanted
    return SYSTEM_HOMES / f"{wanted.parent.parent.name}-{_digest(wanted)}"


def socket_dir_for(home: Path) -> Path:
    """Beside the data, unless the path is too long for a socket or has a comma, to libpq a list of hosts."""
    beside = home / "socket"
    if len(os.fsencode(beside / SOCKET)) <= LONGEST_SOCKET_PATH and "," not in str(beside):
        return beside
    return Path("/tmp") / f"conduit-{_digest(home)}"  # noqa: S108 - TMPDIR may differ between processes


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
