"""Prints what each function and a warm vend cost, beside the Python Lambda that the project replaces.

`make bench` builds the release binaries first; nothing here fails because a number is high.
"""

import logging
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

RUNS = int(os.environ.get("AVM_BENCH_RUNS", "15"))
ENTRY_POINT = "AVMEntryPoint"
PERMISSION_DOWNGRADE = "PermissionDowngrade"
# The examples in configuration/landing-zones; the second one has everything on.
LANDING_ZONES = ("sandbox", "production")
EVERYTHING = "production"
ACCESS_ROLE = "MeshstackAccountAccessRole"
ORIGINAL = "PermissionDowngrade in Python"
TITLES = ("function", "binary", "first next", "first answer", "on local AWS", "memory")
UNITS = ("", "MB", "ms", "ms", "ms", "MiB")


def main() -> int:
    """Starts a local AWS in this process, so that the clock sees the functions and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("AVM_LOCAL_FOLDER", folder)
        logging.disable(logging.CRITICAL)
        from local_aws import lambda_service, paths
        from local_aws.deploy import deploy, environment_file
        from local_aws.server import LocalServer
        from meshstack_client import LocalEnvironment, MeshStack, Operator

        from . import vend

        server = LocalServer().start()
        try:
            (deployment,) = deploy(lambda _: None)
            values = environment_file.variables(deployment, server.url)
            environment_file.write(paths.ENVIRONMENT_FILE, values)
            environment = LocalEnvironment.load(paths.ENVIRONMENT_FILE)
            meshstack, operator = MeshStack(environment), Operator(environment)
            warm = vend.vend(meshstack, operator, "warm", EVERYTHING)
            measured = {zone: vend.measure(meshstack, operator, zone) for zone in LANDING_ZONES}
            _print_functions(environment, server.url, warm)
            for zone, one in measured.items():
                _print_vend(zone, one)
        finally:
            lambda_service.shutdown()
            server.stop()
    return 0


def _functions(account_id: str) -> list:
    from local_aws.address import REGION
    from local_aws.lambda_service.configuration import FunctionConfiguration
    from moto.awslambda.utils import get_backend

    functions = get_backend(account_id, REGION).list_functions()
    # The downgrade alone comes last: alone it puts the deployed minimum, which the landing zone may not want.
    configurations = [FunctionConfiguration.of(function) for function in functions]
    return sorted(configurations, key=lambda one: (one.name == PERMISSION_DOWNGRADE, one.name))


def _events(warm: dict) -> dict[str, object]:
    """What each function is invoked with: its last event of the warm vend, after which there is nothing more to do."""
    events: dict[str, object] = {ENTRY_POINT: warm["payload"], **warm["steps"]}
    step = warm["steps"]["avm-completion"]
    failure = {"Step": "PlaceAccount", "Error": "Throttled", "Cause": "a benchmark"}
    events["avm-record-failure"] = {
        **{key: step[key] for key in ("Execution", "Order", "Account")},
        "Failure": failure,
    }
    events["avm-plan"] = {**step, "Step": "completion"}
    events["avm-reconcile"] = {"Task": "Look", "Account": warm["account"]["Id"], "Room": 1000}
    # It asks whether the vend was stopped, which it was not.
    events["avm-stopped-vend"] = _status_change(warm["execution"]["executionArn"])
    # The month before, of which the local AWS has no costs.
    events["avm-metering"] = {}
    # Alone, as the original is.
    events[PERMISSION_DOWNGRADE] = {"AccountId": warm["account"]["Id"]}
    return events


def _status_change(execution_arn: str) -> dict[str, object]:
    """The event of EventBridge that tells of an execution's end."""
    region, account = execution_arn.split(":")[3:5]
    return {
        "version": "0",
        "id": "00000000-0000-4000-8000-000000000000",
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": account,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [execution_arn],
        "detail": {"executionArn": execution_arn, "status": "SUCCEEDED"},
    }


def _statuses(execution_arn: str) -> tuple[Callable[[], None], Callable[[], None]]:
    """Shows the warm vend as running, which a step wants of the execution that calls it, or as it ended."""
    from moto.stepfunctions.parser.api import ExecutionStatus
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    region, account = execution_arn.split(":")[3:5]
    execution = stepfunctions_parser_backends[account][region].describe_execution(execution_arn)

    def show(status: ExecutionStatus) -> Callable[[], None]:
        def make() -> None:
            execution.exec_status = status

        return make

    return show(ExecutionStatus.RUNNING), show(ExecutionStatus.SUCCEEDED)


def _subjects(environment, warm: dict) -> dict:
    """Every function with its event, and the original beside the one that replaces it."""
    from .startup import Subject

    events = _events(warm)
    make_powerful = _powerful(environment, warm["account"]["Id"])
    show_running, show_ended = _statuses(warm["execution"]["executionArn"])
    preparations = {ENTRY_POINT: show_ended, PERMISSION_DOWNGRADE: make_powerful}
    subjects = {}
    for configuration in _functions(environment.automation_account_id):
        binary = configuration.binary
        assert binary, f"no binary for {configuration.name}"
        prepare = preparations.get(configuration.name, show_running)
        event = events[configuration.name]
        subjects[configuration.name] = Subject(configuration, [str(binary)], event, prepare)
    ours = subjects[PERMISSION_DOWNGRADE]
    subjects[ORIGINAL] = Subject(
        ours.configuration,
        [sys.executable, "-m", "awslambdaric", "lambda_function.main"],
        ours.event,
        make_powerful,
        {"PYTHONPATH": str(Path(__file__).parent / "original"), "PATH": os.environ["PATH"]},
    )
    return subjects


def _print_functions(environment, server_url: str, warm: dict) -> None:
    from . import replay, startup

    before = replay.ReplayServer(server_url)
    found = {}
    try:
        print(f"{TITLES[0]:<30}" + "".join(f"{title:>14}" for title in TITLES[1:]))
        print(f"{'':<30}" + "".join(f"{unit:>14}" for unit in UNITS[1:]), flush=True)
        for name, subject in _subjects(environment, warm).items():
            found[name] = startup.measure(subject, before, RUNS)
            _print_row(name, None if name == ORIGINAL else startup.size(Path(subject.command[0])), found[name])
    finally:
        before.stop()
    ours, original = found[PERMISSION_DOWNGRADE], found[ORIGINAL]
    on_local_aws = original.first_answer_on_local_aws / ours.first_answer_on_local_aws
    print(
        f"\nPermissionDowngrade in Rust against the original in Python, medians of {RUNS} runs:\n"
        f"  first answer  1/{original.first_answer / ours.first_answer:.1f} of its time"
        f" (1/{on_local_aws:.1f} with the local AWS's own time, for 11 calls against 4)\n"
        f"  memory        1/{original.memory / ours.memory:.1f} of its memory"
    )


def _print_row(name: str, size: int | None, one) -> None:
    megabytes = f"{size / 1e6:.1f}" if size else "-"
    print(
        f"{name:<30}{megabytes:>14}{one.first_next:>14.1f}{one.first_answer:>14.1f}"
        f"{one.first_answer_on_local_aws:>14.1f}{one.memory / 1024:>14.1f}",
        flush=True,
    )


def _powerful(environment, account_id: str):
    """Brings the access role back to what CreateAccount makes, so that each run has all to do."""
    import json

    iam = environment.root_client("iam", account_id)
    administrator = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }

    def make() -> None:
        iam.put_role_policy(
            RoleName=ACCESS_ROLE,
            PolicyName="AdministratorAccess",
            PolicyDocument=json.dumps(administrator),
        )
        for name in iam.list_role_policies(RoleName=ACCESS_ROLE)["PolicyNames"]:
            if name != "AdministratorAccess":
                iam.delete_role_policy(RoleName=ACCESS_ROLE, PolicyName=name)

    return make


def _print_vend(landing_zone: str, one) -> None:
    services = ", ".join(f"{name} {count}" for name, count in one.calls_by_service.items())
    print(
        f"\nA warm vend with landing zone {landing_zone} on the local AWS (waits scaled):\n"
        f"  {one.seconds:.2f} s, {one.invocations} invocations, {one.transitions} state transitions\n"
        f"  {one.calls} API calls of the functions: {services}\n"
        f"  {one.invocation_time:.0f} ms in functions, {one.call_time:.0f} ms of AWS calls in them (some at once),"
        f" {max(0.0, one.invocation_time - one.call_time):.0f} ms outside of AWS calls"
    )


if __name__ == "__main__":
    sys.exit(main())
