"""One disturbed vend: the request is sent until it is done, then everything is compared with the undisturbed one.

What breaks a rule raises Lost with the reason.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError

from fault_matrix import errors, scenarios, world
from fault_matrix.points import ABORTED, STALE, Point
from fault_matrix.scenarios import Scenario, Tenant
from fault_matrix.vends import Vends
from meshstack_client import FunctionError

ALONE, RESENT, LOST = "alone", "resent", "LOST"
# The call was not made this time; or the read had nothing new that an old answer could miss.
UNMET, NOTHING_OLD = "unmet", "–"
COMPLETION_KEYS = {"ProductName", "Stage"}
MOST_SENDINGS = 4
# As meshStack makes it before it calls again: a Lambda without room has none at once.
_PAUSE_SECONDS = 0.5
# What the audit says of calls whose answer alone was lost, as far as it can tell.
_HAD_EFFECT = ("ConnectionCut", "SandboxEnded")
_READING = ("Describe", "Get", "List", "Search", "View", "AssumeRole", "StartExecution", "Invoke")


class Lost(Exception):
    """A rule that a disturbed vend has broken."""


@dataclass(frozen=True)
class Cell:
    """One point of one scenario with one kind of fault."""

    scenario: Scenario
    point: Point
    kind: str


@dataclass
class Result:
    """What became of a cell: the errors on the way, and why it is lost, if it is."""

    outcome: str
    errors: list[str] = field(default_factory=list)
    reason: str = ""


class Disturbance:
    """Runs the vends of cells on one local AWS."""

    def __init__(self, vends: Vends, references: dict[Scenario, dict[str, Any]]) -> None:
        self._vends = vends
        self._references = references

    def run(self, cell: Cell, number: int) -> Result:
        """The vend of a cell, with a number that no other vend on this local AWS has."""
        errors_met: list[str] = []
        try:
            return self._run(cell, number, errors_met)
        except (Lost, TimeoutError, AssertionError) as lost:
            return Result(LOST, errors_met, str(lost) or type(lost).__name__)

    def _run(self, cell: Cell, number: int, errors_met: list[str]) -> Result:
        vends = self._vends
        tenant = scenarios.prepare(cell.scenario, vends.environment, vends.meshstack, number)
        if cell.scenario.kind == scenarios.CHANGED:
            self._finish(tenant, [])
            tenant = scenarios.changed(tenant)
        label, mark = tenant.project, vends.mark()
        vends.disturb(cell.point.fault(cell.kind, label))
        try:
            execution_arn = self._finish(tenant, errors_met, aborted=cell.kind == ABORTED)
        finally:
            vends.calm(label)
        calls = vends.calls(mark)
        self._check_order(calls, execution_arn)
        self._check_world(cell.scenario, tenant)
        met = any(call["fault"] == label for call in calls) or "ABORTED" in errors_met
        if not met:
            return Result(NOTHING_OLD if cell.kind == STALE else UNMET)
        return Result(RESENT if errors_met else ALONE, errors_met)

    def _finish(self, tenant: Tenant, errors_met: list[str], aborted: bool = False) -> str:
        """Sends the request until its vend has succeeded, and answers that execution."""
        for _ in range(MOST_SENDINGS):
            try:
                answer = self._vends.send(tenant.payload)
            except FunctionError as error:
                self._check_name(error.name, f"AVMEntryPoint: {error}")
                errors_met.append(error.name)
                continue
            except (ClientError, HTTPClientError) as error:
                errors_met.append(type(error).__name__)
                time.sleep(_PAUSE_SECONDS)
                continue
            execution = self._vends.ended(answer["executionArn"])
            if answer["status"] == "busy":
                continue
            if execution["status"] == "SUCCEEDED":
                return str(execution["executionArn"])
            if execution["status"] == "ABORTED" and aborted:
                errors_met.append("ABORTED")
                continue
            self._check_failure(tenant, execution)
            errors_met.append(execution["error"])
        raise Lost(f"not done after {MOST_SENDINGS} times: {errors_met}; {execution.get('cause', '')}")

    def _check_failure(self, tenant: Tenant, execution: dict[str, Any]) -> None:
        name, cause = execution.get("error"), str(execution.get("cause"))
        self._check_name(name, f"{execution['status']}: {cause}")
        account = self._vends.operator.account_by_email(tenant.email)
        tags = self._vends.meshstack.tags(account["Id"]) if account else {}
        left = COMPLETION_KEYS & tags.keys()
        if left:
            raise Lost(f"failed with {name}, and the account carries {sorted(left)}")

    @staticmethod
    def _check_name(name: str | None, words: str) -> None:
        if not errors.is_typed(name):
            raise Lost(f"failed with {name}, which says nothing: {words}")

    def _check_world(self, scenario: Scenario, tenant: Tenant) -> None:
        account = self._vends.operator.account_by_email(tenant.email)
        if account is None:
            raise Lost("the vend is done, and there is no account")
        found = world.describe(self._vends.environment, tenant, account["Id"])
        unequal = world.differences(self._references[scenario], found)
        if unequal:
            raise Lost("another world: " + "; ".join(unequal))

    @staticmethod
    def _check_order(calls: list[dict[str, Any]], execution_arn: str) -> None:
        """The completion tags are the last thing that is written."""
        writes = [
            call
            for call in calls
            if call["execution"] == execution_arn
            and call["function"]
            and (call["status"] == 200 or call["error"] in _HAD_EFFECT)
            and not call["action"].split(":")[1].startswith(_READING)
        ]
        if not writes or writes[-1]["action"] != "organizations:TagResource":
            last = writes[-1]["action"] if writes else "nothing"
            raise Lost(f"the last write is {last} and not the tags")
