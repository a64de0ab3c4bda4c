"""EventBridge: executions announce their status, and rules reach SNS topics.

moto's Step Functions sends no events, and its rules fail for a topic as their target.
"""

import json
import logging
import threading
from datetime import UTC, datetime
from typing import Any

from moto.events.models import Rule, events_backends
from moto.events.utils import EventTemplateParser
from moto.sns.models import sns_backends
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.backend.execution import Execution

from local_aws.enforcement.policies import Caller, TrustLevel, trust_level
from local_aws.patches import patch
from local_aws.services.stepfunctions.operations import redrive

log = logging.getLogger("local_aws.events")

SERVICE = "events.amazonaws.com"


def announce(execution: Execution, status: ExecutionStatus) -> None:
    """Sends the event `Step Functions Execution Status Change`, as AWS does at the start and at the end.

    With the status that is announced: an execution may have ended before its start is told.
    """
    runs = status is ExecutionStatus.RUNNING
    detail: dict[str, Any] = {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": status.value,
        "startDate": _milliseconds(execution.start_date),
        "stopDate": None if runs else _milliseconds(execution.stop_date),
        "input": execution.execution_input,
        "inputDetails": {"included": True},
        "output": None,
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "outputDetails": None,
        "redriveCount": 0,
        "redriveDate": None,
        "redriveStatus": redrive.status(status),
        "redriveStatusReason": redrive.reason(status),
        "error": None if runs else execution.error,
        "cause": None if runs else execution.cause,
    }
    if execution.output is not None and not runs:
        detail["output"] = json.dumps(execution.output)
        detail["outputDetails"] = {"included": True}
    event = {
        "Source": "aws.states",
        "DetailType": "Step Functions Execution Status Change",
        "Resources": [execution.exec_arn],
        "Detail": json.dumps(detail),
    }
    threading.Thread(target=_put, args=(execution, event), daemon=True).start()


def _put(execution: Execution, event: dict[str, Any]) -> None:
    try:
        events_backends[execution.account_id][execution.region_name].put_events([event])
    except Exception:
        log.exception("the event of %s did not reach its targets", execution.exec_arn)


def _milliseconds(date: Any) -> int | None:
    return int(date.timestamp() * 1000) if date is not None else None


@patch(Rule, "send_to_targets")
def _send_to_targets(original: Any, self: Rule, original_event: Any, transform_input: bool = True) -> None:
    """An event without a transformation goes to its target as it is; moto leaves out some of it, and adds a date."""
    if self.state != "ENABLED":
        return
    targets = self.targets
    topics = [target for target in targets if target["Arn"].split(":")[2] == "sns"]
    if topics and self.event_pattern.matches_event(original_event):
        for target in topics:
            _send_to_topic(self, target, original_event)
    others = [target for target in targets if target not in topics]
    try:
        for target in others:
            self.targets = [target]
            transforms = transform_input and "InputTransformer" in target
            original(self, original_event if transforms else _whole(original_event), transforms)
    finally:
        self.targets = targets


def _whole(event: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key != "ingestion-time"}


def _send_to_topic(rule: Rule, target: dict[str, Any], event: dict[str, Any]) -> None:
    """Publishes where the topic's policy lets this rule do so."""
    _, _, _, region, account_id, _ = target["Arn"].split(":", 5)
    topics = sns_backends[account_id][region]
    context: dict[str, str | list[str]] = {
        "aws:SourceArn": rule.arn,
        "aws:SourceAccount": rule.account_id,
        "aws:SecureTransport": "true",
    }
    policy = topics.get_topic(target["Arn"]).policy
    allowed = trust_level(policy, "sns:Publish", Caller(service=SERVICE), context)
    if allowed is not TrustLevel.EXACT:
        log.error("the policy of %s does not let %s publish", target["Arn"], rule.arn)
        return
    time = datetime.fromtimestamp(float(event["time"]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    topics.publish(message=_message(target, {**event, "time": time}), arn=target["Arn"])


def _message(target: dict[str, Any], event: dict[str, Any]) -> str:
    if "Input" in target:
        return str(target["Input"])
    if "InputTransformer" not in target:
        return json.dumps(_whole(event))
    transformer = target["InputTransformer"]
    shown = EventTemplateParser.parse(
        transformer["InputTemplate"], transformer.get("InputPathsMap") or {}, event
    )
    return json.dumps(shown)
