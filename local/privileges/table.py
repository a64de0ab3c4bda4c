"""The privilege table as text: every grant with its calls, then the exceptions with their reasons, then the totals."""

from collections.abc import Iterator

from .exceptions import NOT_DEPLOYED
from .proof import GrantKey, Proof

_WIDTHS = (44, 52, 46, 66, 7)


def _row(*cells: str) -> str:
    padded = [cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=False)]
    return "  ".join([*padded, *cells[len(_WIDTHS) :]]).rstrip()


def _grants(proof: Proof) -> Iterator[str]:
    unused = {key for key, _ in proof.unused}
    yield _row("role or user", "policy, statement", "action", "on", "calls", "for example")
    for key, use in sorted(proof.granted.items()):
        if key in proof.excepted:
            continue
        mark = "UNUSED" if key in unused else str(use.calls)
        example = f"{use.example}  if {use.condition}" if use.condition else use.example
        yield _row(key.holder, f"{key.policy}, {key.statement}", key.action, key.resource, mark, example)


def _exceptions(proof: Proof) -> Iterator[str]:
    grouped: dict[tuple[str, str], list[GrantKey]] = {}
    for key, exception in proof.excepted.items():
        grouped.setdefault((exception.reason, key.holder), []).append(key)
    for (reason, holder), keys in sorted(grouped.items()):
        yield f"{holder}: {reason}"
        for key in keys:
            yield f"    {key.action} on {key.resource} ({proof.granted[key].calls} calls)"
    for holder, reason in NOT_DEPLOYED.items():
        yield f"{holder}: {reason}"


def lines(proof: Proof) -> Iterator[str]:
    """The whole table."""
    yield from _grants(proof)
    yield ""
    yield "Grants that stay although no test needs them:"
    yield from _exceptions(proof)
    yield ""
    yield from proof.complaints()
    used = len(proof.granted) - len(proof.excepted) - len(proof.unused)
    yield f"grants {len(proof.granted)}: used {used}, excepted {len(proof.excepted)}, unused {len(proof.unused)}"
    yield f"missing {len(proof.missing)}"
