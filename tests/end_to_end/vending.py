"""Vends from the call to the end of the execution, and what the audit and the operators' topic say about them.

Only helpers: fixtures are in `conftest.py`. A vend that ends otherwise than expected fails with its error and cause.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from local_aws.paths import REPOSITORY
from meshstack_client import LocalEnvironment, MeshStack, Operator

# The functions by their main files; a folder has a second one where callers have a function of their own.
FUNCTIONS = sorted(f"{path.parent.name}/{path.stem}" for path in (REPOSITORY / "functions").glob("*/*.rs"))
READING = ("Get", "List", "Describe", "Search", "AssumeRole", "StartExecution", "Invoke", "Is", "View")
# What is written about every vend: on the account that is done, and for one that has failed.
# In an organization of more than a page AWS is asked for the account first: what it refuses makes none.
ASKED_FOR = "organizations:CreateAccount"
OF_A_VEND = {"organizations:TagResource", "organizations:UntagResource", "sns:Publish"}


class Vending:
    """meshStack's calls, each awaited as the operator does."""

    def __init__(self, meshstack: MeshStack, operator: Operator) -> None:
        self._meshstack = meshstack
        self._operator = operator

    def run(self, payload: dict[str, Any], seconds: float = 90) -> dict[str, Any]:
        """Calls the entry point and answers the execution at its end."""
        answer = self._meshstack.invoke(payload)
        assert answer["status"] == "started", answer
        return self._operator.wait_for_end(answer["executionArn"], seconds)

    def succeed(self, payload: dict[str, Any], seconds: float = 90) -> dict[str, Any]:
        """A vend that must end well: the output of its execution."""
        execution = self.run(payload, seconds)
        assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
        return json.loads(execution["output"])

    def fail(self, payload: dict[str, Any], error: str | None = None) -> dict[str, Any]:
        """A vend that must fail, with this error if one is named: its execution."""
        execution = self.run(payload)
        assert execution["status"] == "FAILED", execution
        assert error in (None, execution.get("error")), execution
        return execution

    def succeed_together(self, payloads: list[dict[str, Any]], seconds: float = 90) -> list[dict[str, Any]]:
        """Vends that are called at the same moment and must all end well: their executions, in this order."""
        with ThreadPoolExecutor(len(payloads)) as pool:
            executions = list(pool.map(lambda payload: self.run(payload, seconds), payloads))
        for execution in executions:
            assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
        return executions

    def waited_for(self, execution: dict[str, Any]) -> set[str]:
        """What the steps of an execution have waited for, in their words."""
        found = set()
        for event in self._operator.events(execution["executionArn"]):
            output = json.loads(event.get("stateExitedEventDetails", {}).get("output") or "null")
            if isinstance(output, dict) and output.get("Status") == "PENDING":
                found.add(output["WaitingFor"])
        return found


def run(meshstack: MeshStack, operator: Operator, payload: dict[str, Any]) -> dict[str, Any]:
    """Calls the entry point and returns the execution at its end."""
    return Vending(meshstack, operator).run(payload)


def vend(meshstack: MeshStack, operator: Operator, payload: dict[str, Any]) -> dict[str, Any]:
    """The output of an execution that must end with success."""
    return Vending(meshstack, operator).succeed(payload)


def fail(meshstack: MeshStack, operator: Operator, payload: dict[str, Any]) -> dict[str, Any]:
    """An execution that must end with failure."""
    return Vending(meshstack, operator).fail(payload)


def by_roles(calls: list[dict[str, Any]], service: str = "") -> list[dict[str, Any]]:
    """The calls that a role has made, of one service or of all; SCIM knows no roles, its calls are the AVM's, too."""
    return [
        call
        for call in calls
        if ("role/" in (call["principal"] or "") or call["service"] == "scim")
        and call["action"].startswith(service and f"{service}:")
    ]


def writes(calls: list[dict[str, Any]], service: str = "") -> list[str]:
    """What roles have changed, in its order."""
    actions = [call["action"] for call in by_roles(calls, service)]
    return [action for action in actions if not action.split(":")[1].startswith(READING)]


def by_functions(calls: list[dict[str, Any]]) -> list[str]:
    """What our functions have called; AWS's own services work with our roles, too."""
    return [call["action"] for call in calls if call["function"]]


def number_of_accounts(operator: Operator) -> int:
    """How many accounts the organization has."""
    pages = operator.organizations.get_paginator("list_accounts").paginate()
    return sum(len(page["Accounts"]) for page in pages)


def errors_of(calls: list[dict[str, Any]], action: str) -> list[str | None]:
    """How each call of an action by a role has ended: None is success."""
    return [call["error"] for call in by_roles(calls) if call["action"] == action]


def refused(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The calls of roles that were not allowed."""
    denials = ("AccessDenied", "UnauthorizedOperation", "AuthFailure")
    return [call for call in by_roles(calls) if (call["error"] or "").startswith(denials)]


def faults_met(calls: list[dict[str, Any]]) -> list[str]:
    """The calls that met a fault that the test had asked for."""
    return [call["action"] for call in calls if call["injected"]]


# Words of the notice that tells of a write below /avm/.
OF_DOCUMENTS = "These documents decide what every later vend does"


def subscribe(
    environment: LocalEnvironment, queue_name: str, of_documents: bool = False
) -> Callable[[], list[str]]:
    """A queue of one's own on the topic of failures; what it answers takes the messages that have come since.

    Those of writes below /avm/, which tests make all the time, only where they are wanted.
    """
    account = environment.automation_account_id
    sns, sqs = environment.root_client("sns", account), environment.root_client("sqs", account)
    queue = sqs.create_queue(QueueName=queue_name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topics = [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]
    (topic,) = [topic for topic in topics if "failures" in topic]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def receive() -> list[str]:
        texts = []
        while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                texts.append(json.loads(message["Body"])["Message"])
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [text for text in texts if of_documents or OF_DOCUMENTS not in text]

    return receive


def logged(folder: Path) -> str:
    """Everything that the functions and the local AWS have logged."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return "".join(path.read_text(encoding="utf-8", errors="replace") for path in files)
