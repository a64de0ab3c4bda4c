"""The drift of a stack: what of its roles and users is not as its template says. Resources of other kinds are not checked.

moto has none of these calls. Nested stacks are stacks of their own to a detection, as on AWS. Sources: CloudFormation API reference,
DetectStackDrift, DescribeStackDriftDetectionStatus and DescribeStackResourceDrifts; CloudFormation User Guide, "Detect unmanaged
configuration changes to stacks and resources with drift detection", for the statuses.
"""

import json
import uuid
from typing import Any

from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.iam.exceptions import NotFoundException

from local_aws.enforcement.principals import iam_of
from local_aws.patches import add
from local_aws.services.cloudformation.exceptions import validation_error
from local_aws.services.cloudformation.models import lookup
from local_aws.services.cloudformation.models.stack import ManagedStack, Record
from local_aws.services.cloudformation.resources import policy_text

_ROLE = "AWS::IAM::Role"
_USER = "AWS::IAM::User"
# The statuses of the guide; the words of the refusal have no source.
_SETTLED = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED")
_detections: dict[str, tuple[ManagedStack, int]] = {}
_found: dict[str, list[dict[str, Any]]] = {}


def _document(document: Any) -> Any:
    return json.loads(document if isinstance(document, str) else policy_text(document))


def _status(stack: ManagedStack, record: Record) -> str:
    iam = iam_of(stack.account_id)
    finds = {_ROLE: iam.get_role, _USER: iam.get_user}
    if record.resource_type not in finds:
        return "NOT_CHECKED"
    try:
        found = finds[record.resource_type](record.physical_id)
    except NotFoundException:
        return "DELETED"
    wanted = record.definition["Properties"]
    policies = {one["PolicyName"]: _document(one["PolicyDocument"]) for one in wanted.get("Policies") or []}
    trust = wanted.get("AssumeRolePolicyDocument")
    is_as_wanted = (
        (trust is None or _document(found.assume_role_policy_document) == _document(trust))
        and {name: _document(document) for name, document in found.policies.items()} == policies
        and set(found.managed_policies) == set(wanted.get("ManagedPolicyArns") or [])
    )
    return "IN_SYNC" if is_as_wanted else "MODIFIED"


@add(CloudFormationResponse, "detect_stack_drift")
def detect_stack_drift(response: Any) -> ActionResult:
    """Looks at once, so that a detection has ended when it is first asked about."""
    stack = lookup.described(response.cloudformation_backend, response._get_param("StackName"))
    if stack.status not in _SETTLED:
        raise validation_error(f"Drift detection cannot be performed on stack {stack.stack_id} while it is in {stack.status} state")
    drifts = [
        {
            "StackId": stack.stack_id,
            "LogicalResourceId": record.logical_id,
            "PhysicalResourceId": record.physical_id,
            "ResourceType": record.resource_type,
            "StackResourceDriftStatus": _status(stack, record),
            "Timestamp": utcnow(),
        }
        for record in list(stack.records.values())
        if record.exists
    ]
    detection = str(uuid.uuid4())
    changed = [one for one in drifts if one["StackResourceDriftStatus"] in ("MODIFIED", "DELETED")]
    _found[stack.stack_id] = drifts
    _detections[detection] = (stack, len(changed))
    return ActionResult({"StackDriftDetectionId": detection})


@add(CloudFormationResponse, "describe_stack_drift_detection_status")
def describe_stack_drift_detection_status(response: Any) -> ActionResult:
    """A detection that was made."""
    detection = response._get_param("StackDriftDetectionId")
    if detection not in _detections:
        raise validation_error(f"Drift detection id {detection} does not exist")
    stack, changed = _detections[detection]
    return ActionResult(
        {
            "StackId": stack.stack_id,
            "StackDriftDetectionId": detection,
            "StackDriftStatus": "DRIFTED" if changed else "IN_SYNC",
            "DetectionStatus": "DETECTION_COMPLETE",
            "DriftedStackResourceCount": changed,
            "Timestamp": utcnow(),
        }
    )


@add(CloudFormationResponse, "describe_stack_resource_drifts")
def describe_stack_resource_drifts(response: Any) -> ActionResult:
    """What the last detection has found, of the statuses that are asked for."""
    stack = lookup.described(response.cloudformation_backend, response._get_param("StackName"))
    wanted = response._get_param("StackResourceDriftStatusFilters", []) or []
    found = _found.get(stack.stack_id, [])
    return ActionResult(
        {"StackResourceDrifts": [one for one in found if not wanted or one["StackResourceDriftStatus"] in wanted]}
    )
