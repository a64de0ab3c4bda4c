"""EventBridge: executions announce their status, and rules reach SNS topics.

moto's Step Functions sends no events, and its rules fail for a topic as their target.
"""

import json
import logging
import threading
from typing import Any

from moto.events.models import Rule, events_backends
from moto.events.utils import EventTemplateParser
from moto.sns.exceptions import InvalidParameterValue
from moto.sns.models import SNSBackend, sns_backends
from moto.stepfunctions.parser.backend.execution import Execution

from local_aws.enforcement.policies import Caller, TrustLevel, trust_level

log = logging.getLogger("local_aws.events")

SERVICE = "events.amazonaws.com"
MAXIMUM_SUBJECT = 100

_moto_send_to_targets = Rule.send_to_targets
_moto_publish = SNSBackend.publish


def announce(execution: Execution) -> None:
    """Sends the event `Step Functions Execution Status Change`, as AWS does at the start and at the end."""
    detail: dict[str, Any] = {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": execution.exec_status.value,
        "startDate": _milliseconds(execution.start_date),
        "stopDate": _milliseconds(execution.stop_date),
        "input": execution.execution_input,
        "inputDetails": {"included": True},
        "output": None,
        "error": execution.error,
        "cause": execution.cause,
    }
    if execution.output is not None:
        detail["output"] = json.dumps(execution.output)
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


def _send_to_targets(self: Rule, original_event: Any, transform_input: bool = True) -> None:
    if self.state != "ENABLED":
        return
    targets = self.targets
    topics = [target for target in targets if target["Arn"].split(":")[2] == "sns"]
    if topics and self.event_pattern.matches_event(original_event):
        for target in topics:
            _send_to_topic(self, target, original_event)
    others = [target for target in targets if target not in topics]
    if others:
        self.targets = others
        try:
            _moto_send_to_targets(self, original_event, transform_input)
        finally:
            self.targets = targets


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
    topics.publish(message=_message(target, event), arn=target["Arn"])


def _message(target: dict[str, Any], event: dict[str, Any]) -> str:
    if "Input" in target:
        return str(target["Input"])
    if "InputTransformer" not in target:
        return json.dumps(event)
    transformer = target["InputTransformer"]
    shown = EventTemplateParser.parse(
        transformer["InputTemplate"], transformer.get("InputPathsMap") or {}, event
    )
    return json.dumps(shown)


def _publish(self: SNSBackend, message: str, *arguments: Any, **named: Any) -> str:
    """AWS refuses subjects that are no single line of printable ASCII; moto takes them, or breaks."""
    subject = named.get("subject")
    if subject is not None and not (
        0 < len(subject) <= MAXIMUM_SUBJECT and subject.isascii() and subject.isprintable()
    ):
        raise InvalidParameterValue("Invalid parameter: Subject")
    return str(_moto_publish(self, message, *arguments, **named))


def install() -> None:
    Rule.send_to_targets = _send_to_targets
    SNSBackend.publish = _publish
