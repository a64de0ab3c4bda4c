"""Prints how long many different requests at the same moment take, against the least that AWS's limits allow.

Run by `make many`: with the shipped StackSet, with the same StackSet without managed execution, and with an enrollment.
"""

import math
import os
import resource
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws import clock
from local_aws.process import LocalAwsProcess
from local_aws.services.account.models import readiness
from local_aws.services.cloudformation.operations import engine
from local_aws.services.controltower.operations import enrollment
from local_aws.services.organizations.models import account_creation
from local_aws.services.servicecatalog import operations as account_factory
from local_aws.services.stacksets.operations import queue
from meshstack_client import LandingZones, LocalEnvironment, MeshStack, Operator

REQUESTS = int(os.environ.get("AVM_MANY_REQUESTS", "100"))
CALLERS = 20
STACK_SET = "avm-landing-zone"
LONGEST_RATIO = 10


@dataclass(frozen=True)
class Case:
    """What makes vends wait for each other, besides the creations."""

    name: str
    managed_execution: bool = True
    enrollment: bool = False


CASES = (
    Case("A StackSet with managed execution"),
    Case("A StackSet without managed execution", managed_execution=False),
    Case("With an enrollment by the Account Factory", enrollment=True),
)


@dataclass(frozen=True)
class Bound:
    """The least seconds of AWS that so many vends need, if nothing but AWS's own work took time."""

    requests: int
    case: Case

    @property
    def path(self) -> int:
        """One vend alone: the creation, the account's services, the access stack, the StackSet's operation."""
        path = (
            account_creation.CREATION_SECONDS
            + readiness.SERVICES_AFTER_SECONDS
            + engine.OPERATION_SECONDS
            + queue.OPERATION_SECONDS
        )
        if self.case.enrollment:
            path += account_factory.START_SECONDS + enrollment.ENROLLMENT_SECONDS
        return path

    @property
    def queues(self) -> list[tuple[int, int, str]]:
        """What AWS works on in turn: how much at a time, how long, and what it is."""
        found = [(account_creation.CREATIONS_AT_ONCE, account_creation.CREATION_SECONDS, "creations")]
        if not self.case.managed_execution:
            found.append((1, queue.OPERATION_SECONDS, "operations on the StackSet"))
        if self.case.enrollment:
            found.append((enrollment.OPERATIONS_AT_ONCE, enrollment.ENROLLMENT_SECONDS, "enrollments"))
        return found

    def finish(self, number: int) -> int:
        """When the vend of that number, from 1, can have finished, if every place is taken as soon as it is free."""
        return max((math.ceil(number / at_once) - 1) * seconds for at_once, seconds, _ in self.queues) + self.path

    @property
    def seconds(self) -> int:
        """All of them."""
        return self.finish(self.requests)

    def explanation(self) -> str:
        """How it is computed."""
        rounds = [
            f"{math.ceil(self.requests / at_once)} rounds of {at_once} {what} of {seconds} s"
            for at_once, seconds, what in self.queues
        ]
        longest = " or ".join(rounds) + (", whichever is longer" if len(rounds) > 1 else "")
        return f"{longest}, all but the first, and the path of one vend, which takes {self.path} s"


def main() -> int:
    """All measurements; fails if a vend fails, never because a number is high."""
    print(
        f"{REQUESTS} different requests at once; all times in seconds of AWS,"
        f" each of which takes {clock.time_scale()} s here"
    )
    failed = sum(_measure(case) for case in CASES)
    return 1 if failed else 0


def _measure(case: Case) -> int:
    bound = Bound(REQUESTS, case)
    before = _cpu_seconds()
    with tempfile.TemporaryDirectory() as folder, LocalAwsProcess(Path(folder)) as process:
        environment = LocalEnvironment.load(process.environment_file)
        if not case.managed_execution:
            _take_managed_execution_away(environment)
        landing_zone = _enrolling_landing_zone(environment) if case.enrollment else "sandbox"
        meshstack, operator = MeshStack(environment), Operator(environment)
        alone = _vend_all(meshstack, operator, ["alone"], bound, landing_zone)
        stages = [f"m{number}" for number in range(REQUESTS)]
        executions = _vend_all(meshstack, operator, stages, bound, landing_zone)
        transitions = [_transitions(operator, one) for one in executions]
    _print(bound, alone[0], executions, transitions, _cpu_seconds() - before)
    return sum(one["status"] != "SUCCEEDED" for one in executions)


def _enrolling_landing_zone(environment: LocalEnvironment) -> str:
    """The sandbox, but in the registered unit of the production example."""
    landing_zones = LandingZones(environment)
    example = landing_zones.document("production")
    settings = {name: example[name] for name in ("organizationalUnit", "enrollment")}
    return landing_zones.deploy("many", like="sandbox", **settings)


def _take_managed_execution_away(environment: LocalEnvironment) -> None:
    """As a StackSet of the platform team may be."""
    client = environment.root_client("cloudformation", environment.automation_account_id)
    stack_set = client.describe_stack_set(StackSetName=STACK_SET)["StackSet"]
    kept = [
        {"ParameterKey": one["ParameterKey"], "UsePreviousValue": True} for one in stack_set["Parameters"]
    ]
    operation_id = client.update_stack_set(
        StackSetName=STACK_SET,
        UsePreviousTemplate=True,
        Parameters=kept,
        Capabilities=stack_set["Capabilities"],
        ManagedExecution={"Active": False},
    )["OperationId"]
    while True:
        operation = client.describe_stack_set_operation(StackSetName=STACK_SET, OperationId=operation_id)
        status = operation["StackSetOperation"]["Status"]
        if status == "SUCCEEDED":
            return
        if status not in ("QUEUED", "RUNNING"):
            raise RuntimeError(f"the StackSet could not be changed: its operation is {status}")
        time.sleep(0.1)


def _vend_all(
    meshstack: MeshStack, operator: Operator, stages: list[str], bound: Bound, landing_zone: str
) -> list[dict[str, Any]]:
    """The executions of one request for each stage, all sent at once, when they have ended."""
    payloads = [{"ProductName": "many", "Stage": stage, "LandingZone": landing_zone} for stage in stages]
    with ThreadPoolExecutor(CALLERS) as pool:
        answers = list(pool.map(meshstack.request, payloads))
    limit = time.monotonic() + 300 + LONGEST_RATIO * clock.scaled(bound.seconds)
    ended = []
    for answer in answers:
        while (execution := _described(operator, answer))["status"] == "RUNNING":
            if time.monotonic() > limit:
                raise TimeoutError(f"{answer['executionArn']} still runs")
            time.sleep(0.5)
        ended.append(execution)
    return ended


def _described(operator: Operator, answer: dict[str, Any]) -> dict[str, Any]:
    return dict(operator.states.describe_execution(executionArn=answer["executionArn"]))


def _transitions(operator: Operator, execution: dict[str, Any]) -> int:
    events = operator.events(execution["executionArn"])
    return sum(event["type"].endswith("StateEntered") for event in events)


def _cpu_seconds() -> float:
    """Of the local AWS, its functions included, once it has ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _print(
    bound: Bound,
    alone: dict[str, Any],
    executions: list[dict[str, Any]],
    transitions: list[int],
    cpu_seconds: float,
) -> None:
    scale = clock.time_scale()
    start = min(one["startDate"] for one in executions)
    finished = sorted((one["stopDate"] - start).total_seconds() / scale for one in executions)
    behind = max(seconds - bound.finish(number) for number, seconds in enumerate(finished, start=1))
    failures = [one for one in executions if one["status"] != "SUCCEEDED"]
    one_vend = (alone["stopDate"] - alone["startDate"]).total_seconds() / scale
    print(
        f"\n{bound.case.name}:\n"
        f"  lower bound   {bound.seconds} ({bound.explanation()})\n"
        f"  measured      {finished[-1]:.0f}, {finished[-1] / bound.seconds:.2f} times the lower bound\n"
        f"  finished      first {finished[0]:.0f}, median {statistics.median(finished):.0f}, last {finished[-1]:.0f};"
        f" at most {behind:.0f} behind the fair share\n"
        f"  one alone     {one_vend:.0f}\n"
        f"  transitions   median {statistics.median(transitions):.0f}, most {max(transitions)} for one vend\n"
        f"  succeeded     {len(executions) - len(failures)} of {len(executions)}\n"
        f"  work of CPUs  {cpu_seconds:.0f} s here, its start included; on {os.cpu_count()} CPUs that is at least"
        f" {cpu_seconds / (os.cpu_count() or 1):.0f} s of {clock.scaled(finished[-1]):.0f} s",
        flush=True,
    )
    for one in failures[:5]:
        print(f"    {one['name']}: {one.get('error')}: {one.get('cause')}")


if __name__ == "__main__":
    sys.exit(main())
