"""Faults on demand: each kind, which calls it meets, and what AWS would answer."""

import functools
import json
from collections.abc import Callable, Iterator
from typing import Any

import administration
import pytest
from botocore.exceptions import ConnectionClosedError
from machines import one_state
from organization import allow, error_of, new_role, trust, unique

ACCOUNT = "266666666666"


@pytest.fixture
def fault(server: Any) -> Iterator[Callable[..., None]]:
    """fault(kind="cut", action="CreateUser"); none is left behind."""
    admin = functools.partial(administration.admin, server)

    def want(**document: Any) -> None:
        status, answer = admin("POST", "faults", document)
        assert status == 200, answer

    yield want
    admin("DELETE", "faults")


@pytest.fixture
def pending(server: Any) -> Callable[[], list[dict[str, Any]]]:
    """The faults that no call has met yet."""
    return lambda: list(administration.admin(server, "GET", "faults")[1]["faults"])


@pytest.fixture(scope="module")
def calls(function: Callable[..., Any]) -> Callable[..., Any]:
    """calls([service, operation, parameters], …, name="vend-1"): the answers that a function of that event gets."""
    name, client = function(timeout=30)

    def run(*wanted: list[Any], event: str = "") -> Any:
        payload = {"do": "calls", "calls": wanted, "name": event}
        answer = client.invoke(FunctionName=name, Payload=json.dumps(payload))
        return json.loads(answer["Payload"].read())

    return run


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("iam", "list_users", "Throttling", 400),
        ("organizations", "list_roots", "TooManyRequestsException", 400),
        ("ssm", "describe_parameters", "ThrottlingException", 400),
        ("stepfunctions", "list_state_machines", "ThrottlingException", 400),
        ("ec2", "describe_regions", "RequestLimitExceeded", 503),
        ("account", "list_regions", "TooManyRequestsException", 429),
        ("lambda", "list_functions", "TooManyRequestsException", 429),
    ],
)
def test_each_service_has_its_own_words_for_throttling(
    client: Any,
    organizations: Any,
    fault: Any,
    service: str,
    operation: str,
    code: str,
    status: int,
) -> None:
    fault(kind="throttled")
    error = error_of(getattr(client(service), operation))
    assert (error["Code"], error["status"]) == (code, status)
    getattr(client(service), operation)()


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("iam", "list_users", "ServiceFailure"),
        ("organizations", "list_roots", "ServiceException"),
        ("ec2", "describe_regions", "InternalError"),
        ("cloudformation", "list_stacks", "InternalFailure"),
    ],
)
def test_each_service_has_its_own_words_for_being_broken(
    client: Any, fault: Any, service: str, operation: str, code: str
) -> None:
    fault(kind="server-error")
    error = error_of(getattr(client(service), operation))
    assert (error["Code"], error["status"]) == (code, 500)


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("iam", "list_users", "AccessDenied", 403),
        ("organizations", "list_roots", "AccessDeniedException", 400),
        ("ec2", "describe_regions", "UnauthorizedOperation", 403),
    ],
)
def test_a_denial_reads_like_that_of_a_policy(
    client: Any, fault: Any, service: str, operation: str, code: str, status: int
) -> None:
    fault(kind="denied")
    error = error_of(getattr(client(service), operation))
    assert (error["Code"], error["status"]) == (code, status)
    assert "is not authorized to perform" in error["Message"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_cut_connection_has_no_answer(client: Any, fault: Any, when: str) -> None:
    iam, name = client("iam", ACCOUNT), unique("user")
    fault(kind="cut", action="CreateUser", when=when)
    with pytest.raises(ConnectionClosedError):
        iam.create_user(UserName=name)
    there = [user["UserName"] for user in iam.list_users()["Users"]]
    assert (name in there) == (when == "after")


@pytest.mark.parametrize(("kind", "error"), [("killed", "Runtime.ExitError"), ("timed-out", "Sandbox.Timedout")])
def test_the_process_that_makes_the_call_ends_after_the_effect(
    calls: Any, client: Any, fault: Any, kind: str, error: str
) -> None:
    name = unique("user")
    fault(kind=kind, action="CreateUser", event="this-vend")
    answer = calls(["iam", "create_user", {"UserName": name}], event="this-vend")
    assert answer["errorType"] == error, answer
    assert client("iam").get_user(UserName=name)
    assert calls(["iam", "list_users", {}], event="this-vend")[0]["Users"]


def test_a_call_without_a_process_cannot_lose_it(client: Any, fault: Any, pending: Any) -> None:
    fault(kind="killed", action="ListUsers")
    client("iam").list_users()
    assert len(pending()) == 1


def test_a_fault_keeps_to_its_event_and_lets_the_first_calls_pass(calls: Any, fault: Any) -> None:
    fault(kind="denied", action="ListUsers", event="this-vend", skip=1)
    listing = ["iam", "list_users", {}]
    answers = calls(listing, listing, listing, event="another-vend")
    assert "AccessDenied" not in answers
    answers = calls(listing, listing, listing, event="this-vend")
    assert [answer == "AccessDenied" for answer in answers] == [False, True, False]


def test_a_fault_finds_the_process_behind_a_role_that_it_has_assumed(
    function: Any, client: Any, fault: Any
) -> None:
    name, lambda_client = function(timeout=30)
    arn = new_role(client, ACCOUNT, trust("arn:aws:iam::123456789012:root"))
    fault(kind="killed", action="AssumeRole", function=name)
    event = {"do": "calls", "calls": [["sts", "assume_role", {"RoleArn": arn, "RoleSessionName": "one"}]]}
    answer = lambda_client.invoke(FunctionName=name, Payload=json.dumps(event))
    assert json.loads(answer["Payload"].read())["errorType"] == "Runtime.ExitError"


def test_an_old_answer_is_what_the_same_read_has_answered_before(calls: Any, fault: Any) -> None:
    role = unique("role")
    trusted = trust("arn:aws:iam::123456789012:root")
    make = ["iam", "create_role", {"RoleName": role, "AssumeRolePolicyDocument": trusted}]
    listing = ["iam", "list_role_policies", {"RoleName": role}]
    document = json.dumps(allow("iam:*"))
    write = ["iam", "put_role_policy", {"RoleName": role, "PolicyName": "p", "PolicyDocument": document}]
    fault(kind="stale", action="ListRolePolicies", event="old", skip=1)
    answers = calls(make, listing, write, listing, listing, event="old")
    assert len(answers) == 5, answers
    _, before, _, old, now = answers
    assert (before["PolicyNames"], old["PolicyNames"], now["PolicyNames"]) == ([], [], ["p"])


def test_an_old_answer_does_not_know_what_was_made_since(calls: Any, fault: Any) -> None:
    user = unique("user")
    fault(kind="stale", action="GetUser", event="old")
    make, look = ["iam", "create_user", {"UserName": user}], ["iam", "get_user", {"UserName": user}]
    _, old, now = calls(make, look, look, event="old")
    assert old == "NoSuchEntity"
    assert now["User"]["UserName"] == user


def test_an_old_list_is_without_what_was_made_since_and_with_all_else(calls: Any, fault: Any) -> None:
    first, second = unique("user"), unique("user")
    calls(["iam", "create_user", {"UserName": first}])
    fault(kind="stale", action="ListUsers", event="old")
    make = ["iam", "create_user", {"UserName": second}]
    _, old, now = calls(make, ["iam", "list_users", {}], ["iam", "list_users", {}], event="old")
    names = [[user["UserName"] for user in answer["Users"]] for answer in (old, now)]
    assert [first in names[0], second in names[0]] == [True, False]
    assert [first in names[1], second in names[1]] == [True, True]


def test_what_stands_for_long_is_never_missed(calls: Any, client: Any, fault: Any, server: Any) -> None:
    user = unique("user")
    client("iam").create_user(UserName=user)
    fault(kind="stale", action="GetUser", event="old", label="old")
    (found,) = calls(["iam", "get_user", {"UserName": user}], event="old")
    assert found["User"]["UserName"] == user
    audit = administration.admin(server, "GET", "audit?since=0")[1]["calls"]
    assert [call for call in audit if call["fault"] == "old"] == []


def test_an_execution_is_aborted_at_the_state_that_it_enters(
    machine: Any, run: Any, fault: Any, states: Any
) -> None:
    name = unique("aborted")
    passing = {"Type": "Pass", "Next": "Second"}
    arn = machine(name, one_state(passing, Second={"Type": "Pass", "Next": "Third"}, Third={"Type": "Succeed"}))
    fault(kind="aborted", state="Second", event="this-vend")
    assert run(arn, {"name": "another-vend"})["status"] == "SUCCEEDED"
    ended = run(arn, {"name": "this-vend"})
    assert ended["status"] == "ABORTED"
    history = states.get_execution_history(executionArn=ended["executionArn"])["events"]
    entered = [event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event]
    assert entered == ["Only", "Second"]
    assert run(arn, {"name": "this-vend"})["status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    "document",
    [
        {"kind": "broken"},
        {"kind": "cut", "code": "Throttling"},
        {"kind": "cut", "when": "later"},
        {"kind": "aborted"},
        {"kind": "denied", "state": "PlaceAccount"},
        {"kind": "stale"},
        {"kind": "stale", "event": "a", "count": 2},
        {"kind": "throttled", "skip": -1},
        {"kind": "throttled", "count": "1"},
        {"kind": "throttled", "count": True},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(server: Any, document: dict[str, Any]) -> None:
    assert administration.admin(server, "POST", "faults", document)[0] == 400


def test_faults_are_taken_back_by_their_label(fault: Any, pending: Any, server: Any) -> None:
    fault(kind="cut", action="Nothing", label="one")
    fault(kind="cut", action="Nothing", label="two")
    administration.admin(server, "DELETE", "faults?label=one")
    assert [one["label"] for one in pending()] == ["two"]
