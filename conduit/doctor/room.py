"""How much room a disk has left."""

from collections.abc import Sequence

from conduit.doctor.findings import Finding, fail, ok, warn

GIB = 1024**3
TIGHT, TIGHT_BYTES = 0.10, 5 * GIB
FULL, FULL_BYTES = 0.02, GIB // 2


def room(name: str, usage: Sequence[int], told: str) -> Finding:
    """A disk by its total, used and free bytes. A large one may be fuller than a small one."""
    total, _, free = usage
    said = f"{told}; {free / GIB:,.1f} GiB of {total / GIB:,.1f} are free"
    remedy = "Make room before writes are refused: docs/runbooks/disk-full.md"
    if free < min(FULL * total, FULL_BYTES):
        return fail(name, said, remedy)
    if free < min(TIGHT * total, TIGHT_BYTES):
        return warn(name, said, remedy)
    return ok(name, said)
