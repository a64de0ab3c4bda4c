"""EventBridge: executions announce their status, CloudTrail tells of calls, and rules reach SNS topics and functions.

moto's Step Functions sends no events, it has no CloudTrail, and its rules fail for a topic as their target and run no function. Sources:
LocalStack, stepfunctions/v2/base/test_base, recorded on AWS 2024-02-07, for events of executions; EventBridge User Guide, "Amazon
EventBridge input transformation" and "AWS service events delivered via AWS CloudTrail"; CloudTrail User Guide, "CloudTrail record contents
for management, data, and network activity events".
"""

import contextlib
import json
import logging
import threading
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.utils import get_backend as lambda_backend
from moto.events.models import Rule, events_backends
from moto.sns.models import sns_backends
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.backend.execution import Execution

from local_aws import clock
from local_aws.enforcement.calls import Call
from local_aws.enforcement.policies import Caller, TrustLevel, trust_level
from local_aws.lambda_service import pool
from local_aws.lambda_service.configuration import FunctionConfiguration
from local_aws.lambda_service.invocation import Invocation
from local_aws.patches import patch
from local_aws.services.stepfunctions.operations import redrive

log = logging.getLogger("local_aws.events")

SERVICE = "events.amazonaws.com"
# Lambda, "How Lambda handles errors and retries with asynchronous invocation": two more attempts, after these seconds.
RETRIES_AFTER = (60, 120)
# The writes that CloudTrail tells of here, by their service: what rules of the templates ask for.
TOLD = {"ssm": ("Put", "Delete")}


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
    _send(execution.account_id, execution.region_name, event)


def tell_of_call(call: Call, error: str | None) -> None:
    """Sends the event `AWS API Call via CloudTrail` of a write, with who called, as AWS does where a trail records writes."""
    principal = call.principal
    if principal is None or call.service not in TOLD or not call.action.startswith(TOLD[call.service]):
        return
    detail = {
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.action,
        "eventTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "awsRegion": call.region,
        "sourceIPAddress": "127.0.0.1",
        "userIdentity": {"arn": principal.arn, "accountId": principal.account_id},
        # CloudTrail leaves the value of a parameter out.
        "requestParameters": {
            f"{name[0].lower()}{name[1:]}": value for name, value in call.parameters.items() if name != "Value"
        },
        "errorCode": error,
    }
    event = {
        "Source": f"aws.{call.service}",
        "DetailType": "AWS API Call via CloudTrail",
        "Resources": [],
        "Detail": json.dumps({name: value for name, value in detail.items() if value is not None}),
    }
    _send(principal.account_id, call.region, event)


def _send(account_id: str, region: str, event: dict[str, Any]) -> None:
    threading.Thread(target=_put, args=(account_id, region, event), daemon=True).start()


def _put(account_id: str, region: str, event: dict[str, Any]) -> None:
    try:
        events_backends[account_id][region].put_events([event])
    except Exception:
        log.exception("the event %s of account %s did not reach its targets", event["DetailType"], account_id)


def _milliseconds(date: Any) -> int | None:
    return int(date.timestamp() * 1000) if date is not None else None


@patch(Rule, "send_to_targets")
def _send_to_targets(original: Any, self: Rule, original_event: Any, transform_input: bool = True) -> None:
    """An event without a transformation goes to its target as it is; moto leaves out some of it, and adds a date.

    A rule with a schedule alone hears of no event; moto sends it all of them.
    """
    if self.state != "ENABLED" or not self.event_pattern.get_pattern():
        return
    targets = self.targets
    ways = {"sns": _send_to_topic, "lambda": _send_to_function}
    ours = [target for target in targets if target["Arn"].split(":")[2] in ways]
    if ours and self.event_pattern.matches_event(original_event):
        for target in ours:
            ways[target["Arn"].split(":")[2]](self, target, _dated(original_event))
    others = [target for target in targets if target not in ours]
    try:
        for target in others:
            self.targets = [target]
            transforms = transform_input and "InputTransformer" in target
            original(self, original_event if transforms else _whole(original_event), transforms)
    finally:
        self.targets = targets


def _whole(event: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key != "ingestion-time"}


def _dated(event: dict[str, Any]) -> dict[str, Any]:
    """With the time as AWS writes it; moto has seconds."""
    time = datetime.fromtimestamp(float(event["time"]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {**event, "time": time}


def _send_to_topic(rule: Rule, target: dict[str, Any], event: dict[str, Any]) -> None:
    """Publishes where the topic's policy lets this rule do so."""
    _, _, _, region, account_id, _ = target["Arn"].split(":", 5)
    topics = sns_backends[account_id][region]
    if _lets_in(topics.get_topic(target["Arn"]).policy, "sns:Publish", rule, target):
        topics.publish(message=_message(target, event), arn=target["Arn"])


def _send_to_function(rule: Rule, target: dict[str, Any], event: dict[str, Any]) -> None:
    """Invokes where the function's policy lets this rule do so; a function that fails is invoked again, as Lambda does it."""
    _, _, _, region, account_id, _, name = target["Arn"].split(":", 6)
    function = lambda_backend(account_id, region).get_function(name)
    policy = function.policy.get_policy()["Policy"] if function.policy.statements else "{}"
    if not _lets_in(policy, "lambda:InvokeFunction", rule, target):
        return
    payload = _message(target, event).encode()
    for seconds in (*RETRIES_AFTER, None):
        invocation = Invocation(payload, function.function_arn, float(function.timeout))
        with contextlib.suppress(pool.Throttled):
            if not pool.invoke(FunctionConfiguration.of(function), invocation, is_event=True).failed:
                return
        if seconds is not None:
            clock.sleep(seconds)


def _lets_in(policy: str | dict[str, Any], action: str, rule: Rule, target: dict[str, Any]) -> bool:
    context: dict[str, str | list[str]] = {
        "aws:SourceArn": rule.arn,
        "aws:SourceAccount": rule.account_id,
        "aws:SecureTransport": "true",
    }
    allowed = trust_level(policy, action, Caller(service=SERVICE), context)
    if allowed is TrustLevel.EXACT:
        return True
    log.error("the policy of %s does not let %s in: %s", target["Arn"], rule.arn, action)
    return False


def _message(target: dict[str, Any], event: dict[str, Any]) -> str:
    if "Input" in target:
        return str(target["Input"])
    if "InputTransformer" not in target:
        return json.dumps(_whole(event))
    transformer = target["InputTransformer"]
    shown = str(transformer["InputTemplate"])
    for name, path in (transformer.get("InputPathsMap") or {}).items():
        shown = shown.replace(f"<{name}>", _text_at(path, event))
    return json.dumps(json.loads(shown))


def _text_at(path: str, event: dict[str, Any]) -> str:
    """What is at a path, within a string: nothing if the event has no such path (AWS, input transformation)."""
    found: Any = event
    for part in path.removeprefix("$.").split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if found is None:
        return ""
    text = found if isinstance(found, str) else json.dumps(found).replace('"', "")
    return json.dumps(text)[1:-1]
