"""Prints how long many different requests at the same moment take in a large organization, against what AWS's limits allow.

Run by `make many`, at AWS's published request rates: with the shipped StackSet, with the same StackSet without managed execution, with an
enrollment, and with the shipped StackSet where managed execution queues all.
"""

import os
import resource
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

from bench.limits import Bound, Case, paced
from local_aws import clock
from local_aws.process import LocalAwsProcess
from local_aws.rates import PUBLISHED, RATES_VARIABLE
from local_aws.services.stacksets.operations.queue import READING_VARIABLE
from meshstack_client import LandingZones, LocalEnvironment, MeshStack, Operator

REQUESTS = int(os.environ.get("AVM_MANY_REQUESTS", "100"))
ACCOUNTS = int(os.environ.get("AVM_MANY_ACCOUNTS", "10000"))
# Which of the cases, by their numbers.
CHOSEN = os.environ.get("AVM_MANY_CASES", "1,2,3,4")
CALLERS = 20
STACK_SET = "avm-landing-zone"
LONGEST_RATIO = 10
# What is wanted: no more than so many times what the limits allow.
WANTED_RATIO = 1.3

CASES = (
    Case("A StackSet with managed execution"),
    Case("A StackSet without managed execution", managed_execution=False),
    Case("With an enrollment by the Account Factory", enrollment=True),
    Case("A StackSet whose managed execution queues all operations", reading="queue"),
)


def main() -> int:
    """All measurements; fails if a vend fails, never because a number is high."""
    print(
        f"{REQUESTS} different requests at once, in an organization of {ACCOUNTS} accounts, at AWS's published request rates;"
        f" all times in seconds of AWS, each of which takes {clock.time_scale()} s here"
    )
    failed = sum(_measure(case) for number, case in enumerate(CASES, start=1) if str(number) in CHOSEN.split(","))
    return 1 if failed else 0


def variables_of(case: Case) -> dict[str, str]:
    """What the local AWS of a case is told."""
    return {RATES_VARIABLE: PUBLISHED, READING_VARIABLE: case.reading}


def _measure(case: Case) -> int:
    before = _cpu_seconds()
    variables = variables_of(case)
    with tempfile.TemporaryDirectory() as folder, LocalAwsProcess(Path(folder), variables=variables) as process:
        environment = LocalEnvironment.load(process.environment_file)
        own = f"{environment.endpoint_url}/local-aws"
        requests.post(f"{own}/accounts", json={"count": ACCOUNTS}, timeout=300).raise_for_status()
        if not case.managed_execution:
            _take_managed_execution_away(environment)
        landing_zone = _enrolling_landing_zone(environment) if case.enrollment else "sandbox"
        meshstack, operator = MeshStack(environment), Operator(environment)
        mark = requests.get(f"{own}/audit", params={"since": 10**15}, timeout=60).json()["last"]
        alone = _vend_all(meshstack, operator, ["alone"], Bound(1, case), landing_zone)
        calls = requests.get(f"{own}/audit", params={"since": mark}, timeout=60).json()["calls"]
        accounts = {environment.management_account_id, environment.automation_account_id}
        bound = Bound(REQUESTS, case, paced(calls, accounts))
        stages = [f"m{number}" for number in range(REQUESTS)]
        executions = _vend_all(meshstack, operator, stages, bound, landing_zone)
        transitions = [_transitions(operator, one) for one in executions]
        refused = requests.get(f"{own}/rates", timeout=60).json()["refused"]
    _print(bound, alone[0], executions, transitions, refused, _cpu_seconds() - before)
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


def _words(refused: dict[str, int]) -> str:
    most = sorted(refused.items(), key=lambda one: -one[1])
    return ", ".join(f"{number} {name}" for name, number in most[:6]) or "none"


def _cpu_seconds() -> float:
    """Of the local AWS, its functions included, once it has ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _print(
    bound: Bound,
    alone: dict[str, Any],
    executions: list[dict[str, Any]],
    transitions: list[int],
    refused: dict[str, int],
    cpu_seconds: float,
) -> None:
    scale = clock.time_scale()
    start = min(one["startDate"] for one in executions)
    finished = sorted((one["stopDate"] - start).total_seconds() / scale for one in executions)
    behind = max(seconds - bound.finish(number) for number, seconds in enumerate(finished, start=1))
    failures = [one for one in executions if one["status"] != "SUCCEEDED"]
    one_vend = (alone["stopDate"] - alone["startDate"]).total_seconds() / scale
    limits = bound.limits(bound.requests)
    ratio = finished[-1] / bound.seconds
    is_within = "within" if ratio <= WANTED_RATIO and not failures else "NOT within"
    print(
        f"\n{bound.case.name}:\n"
        f"  lower bound   {bound.seconds:.0f} ({limits[0][1]})\n"
        + "".join(f"    other limit {seconds:.0f} ({words})\n" for seconds, words in limits[1:4])
        + f"  measured      {finished[-1]:.0f}, {ratio:.2f} times the lower bound: {is_within} {WANTED_RATIO} times\n"
        f"  finished      first {finished[0]:.0f}, median {statistics.median(finished):.0f}, last {finished[-1]:.0f};"
        f" at most {behind:.0f} behind the fair share\n"
        f"  one alone     {one_vend:.0f}\n"
        f"  transitions   median {statistics.median(transitions):.0f}, most {max(transitions)} for one vend\n"
        f"  too fast      {sum(refused.values())} calls refused by request rates: {_words(refused)}\n"
        f"  succeeded     {len(executions) - len(failures)} of {len(executions)}\n"
        f"  work of CPUs  {cpu_seconds:.0f} s here, its start included; on {os.cpu_count()} CPUs that is at least"
        f" {cpu_seconds / (os.cpu_count() or 1):.0f} s of {clock.scaled(finished[-1]):.0f} s",
        flush=True,
    )
    for one in failures[:5]:
        print(f"    {one['name']}: {one.get('error')}: {one.get('cause')}")


if __name__ == "__main__":
    sys.exit(main())
