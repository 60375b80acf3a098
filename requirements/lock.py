"""Locks the dependencies of pyproject.toml into run.txt and dev.txt, with hashes.

--check tells, without a network, whether the two still answer to it: their first line says what they lock.
"""

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent / "pyproject.toml"
WANTED = {
    "run.txt": ["--all-extras"],
    "dev.txt": ["--all-extras", "--group", "dev", "--constraint", "requirements/run.txt"],
}
COMPILE = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml"]
QUIETLY = ["--quiet", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]
WHOLLY = ["--universal", "--generate-hashes"]


def first_line(name: str) -> str:
    """What a lock file answers to: those of the project's dependencies that it locks."""
    project = tomllib.loads(PROJECT.read_text())
    wanted = [
        project["project"][part] for part in ("requires-python", "dependencies", "optional-dependencies")
    ]
    wanted += [project["dependency-groups"]] if "--group" in WANTED[name] else []
    digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
    return f"# locked for pyproject.toml {digest}\n"


def lock(name: str, options: list[str], more: list[str]) -> None:
    file = HERE / name
    output = ["--output-file", f"requirements/{name}"]
    subprocess.run(
        [*COMPILE, *QUIETLY, *WHOLLY, *options, *more, *output],
        cwd=HERE.parent,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    file.write_text(first_line(name) + file.read_text())


def main(arguments: list[str]) -> int:
    if arguments != ["--check"]:
        for name, options in WANTED.items():
            lock(name, options, arguments)
        return 0
    stale = [name for name in WANTED if not (HERE / name).read_text().startswith(first_line(name))]
    for name in stale:
        sys.stderr.write(f"requirements/{name} no longer answers to pyproject.toml: run `make lock`\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
