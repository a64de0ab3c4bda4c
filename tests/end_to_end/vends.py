"""Vends from the call to the end of the execution, and what the audit and the operators' topic say about them.

Shared by test modules; a vend that ends otherwise than expected fails the test with its error and cause.
"""

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from meshstack_client import LocalEnvironment, MeshStack, Operator

READING = ("Get", "List", "Describe", "Search", "AssumeRole", "StartExecution", "Invoke", "Is")
# What is written about every vend: on the account that is done, and for one that has failed.
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

    def fail(self, payload: dict[str, Any], error: str) -> dict[str, Any]:
        """A vend that must fail with this error: its execution."""
        execution = self.run(payload)
        assert (execution["status"], execution.get("error")) == ("FAILED", error), execution
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


def writes(calls: Iterable[dict[str, Any]]) -> list[str]:
    """What the AVM's roles have changed, but for what is written about every vend."""
    return [
        call["action"]
        for call in calls
        if "role/" in (call["principal"] or "")
        and not call["action"].split(":")[1].startswith(READING)
        and call["action"] not in OF_A_VEND
    ]


def subscribe(environment: LocalEnvironment, queue_name: str) -> Callable[[], list[str]]:
    """A queue of one's own on the topic of failures; what it answers takes the messages that have come since."""
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
        return texts

    return receive
