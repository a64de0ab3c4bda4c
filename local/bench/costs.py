"""What the machine costs on AWS's price lists: the table of docs/COSTS.md, from counted vends and the templates.

`python -m bench.costs` writes it. A test holds the page to it, and end-to-end vends hold the counts to what they do.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws import paths
from local_aws.deploy.stacks import with_nested

PAGE = paths.REPOSITORY / "docs" / "COSTS.md"
# Of a vend by landing zone: what an undisturbed one does on the local AWS.
COUNTS = Path(__file__).parent / "counts.json"
# How often a vend looks depends on the machine that plays AWS.
TOLERANCE = 0.6
BEGIN, END = "<!-- costs: begin -->", "<!-- costs: end -->"
READ_ON = "2026-11-29"
# USD in us-east-1, beyond the free tier.
TRANSITION = 0.025 / 1000
REQUEST = 0.20 / 1_000_000
GB_SECOND_ARM = 0.0000133334
ALARM = 0.10
SECRET = 0.40
LOG_GB = 0.50
TRACE = 5 / 1_000_000
COST_EXPLORER_REQUEST = 0.01
# Assumed, and generously: what a call of AWS takes, what an invocation and a transition log.
SECONDS_OF_A_CALL = 0.2
KB_OF_AN_INVOCATION, KB_OF_A_TRANSITION = 2.0, 1.0
MEMORY_GB = 0.125
# One look at an account: the execution of its own and what starts it (statemachine/reconcile.asl.json).
TRANSITIONS_OF_A_LOOK, CALLS_OF_A_LOOK = 5, 12
ACCOUNTS, NIGHTS = 100, 30


@dataclass(frozen=True)
class Work:
    """What something does: transitions, invocations, calls of AWS by functions."""

    transitions: int
    invocations: int
    calls: int

    @property
    def price(self) -> float:
        """In USD."""
        seconds = self.calls * SECONDS_OF_A_CALL
        logged = self.invocations * KB_OF_AN_INVOCATION + self.transitions * KB_OF_A_TRANSITION
        return (
            self.transitions * TRANSITION
            + self.invocations * (REQUEST + TRACE)
            + seconds * MEMORY_GB * GB_SECOND_ARM
            + logged / 1_000_000 * LOG_GB
        )


def counted() -> dict[str, Work]:
    """The vends that were counted, by landing zone."""
    return {zone: Work(**counts) for zone, counts in json.loads(COUNTS.read_text(encoding="utf-8")).items()}


def standing(kind: str) -> int:
    """How many resources of that type there are in the automation account, with all options on."""
    templates = [*with_nested(paths.REPOSITORY / "template.yaml"), *with_nested(paths.REPOSITORY / "templates" / "external-ids.yaml")]
    return sum(one["Type"] == kind for template in templates for one in template["Resources"].values())


def _money(value: float) -> str:
    return f"${value:.2f}" if value >= 0.1 else f"${value:.4f}"


def rows() -> list[tuple[str, str, str]]:
    """What is paid for, how it is made up, and its price."""
    vends = counted()
    alarms, secrets = standing("AWS::CloudWatch::Alarm"), standing("AWS::SecretsManager::Secret")
    night = Work(TRANSITIONS_OF_A_LOOK, 1, CALLS_OF_A_LOOK)
    look = Work(3, 1, 2)
    found = [
        (
            f"a vend, landing zone `{zone}`",
            f"{work.transitions} transitions, {work.invocations} invocations, {work.calls} calls of AWS",
            _money(work.price),
        )
        for zone, work in vends.items()
    ]
    found.append(("an hour of waiting, a look each 30 s", "3 transitions, 1 invocation each", _money(120 * look.price)))
    found.append(("idle, a month", f"{alarms} alarms, {secrets} secrets", _money(alarms * ALARM + secrets * SECRET)))
    nights = f"{TRANSITIONS_OF_A_LOOK} transitions, 1 invocation for each account and night"
    found.append((f"nights, a month, {ACCOUNTS} accounts", nights, _money(night.price * ACCOUNTS * NIGHTS)))
    found.append(("metering, a month, if it is on", f"some {NIGHTS * 4} requests of Cost Explorer", _money(NIGHTS * 4 * COST_EXPLORER_REQUEST)))
    return found


def table() -> str:
    """The table of the page, with its marks."""
    lines = ["| what | made up of | price |", "|---|---|---|"]
    lines += [f"| {what} | {parts} | {price} |" for what, parts, price in rows()]
    return "\n".join([BEGIN, *lines, END])


def page(text: str) -> str:
    """The page with the table as it is now."""
    return re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: table(), text, flags=re.DOTALL)


def differences(zone: str, transitions: int, invocations: int, calls: int) -> dict[str, Any]:
    """What of a vend is no longer about as it was counted."""
    known = counted()[zone]
    seen = {"transitions": transitions, "invocations": invocations, "calls": calls}
    return {
        name: (getattr(known, name), value)
        for name, value in seen.items()
        if abs(value - getattr(known, name)) > TOLERANCE * getattr(known, name)
    }


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
