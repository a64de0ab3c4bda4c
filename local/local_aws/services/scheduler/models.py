"""What a schedule does when it is due, here when somebody says so: it starts an execution, under its role.

moto's schedules start nothing, and take any role. Sources: EventBridge Scheduler User Guide, "Confused deputy prevention in EventBridge Scheduler";
code and words for a role: aws/aws-sdk-js-v3#6494.
"""

from typing import Any

from botocore.exceptions import ClientError
from moto.scheduler.exceptions import ValidationException
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule, scheduler_backends

from local_aws import clients
from local_aws.address import REGION
from local_aws.patches import patch
from local_aws.service_roles import (
    ServiceSessionError,
    require_service_trust,
    service_session_credentials,
)

SERVICE = "scheduler.amazonaws.com"


def _group_arn(schedule: Schedule) -> str:
    """What AWS tells a role of who asks for it: the group of the schedule (see above)."""
    return schedule.arn.rsplit("/", 1)[0].replace(":schedule/", ":schedule-group/")


@patch(EventBridgeSchedulerBackend, "create_schedule")
def _create_schedule(original: Any, self: EventBridgeSchedulerBackend, **request: Any) -> Schedule:
    group = request.get("group_name") or "default"
    source = f"arn:aws:scheduler:{self.region_name}:{self.account_id}:schedule-group/{group}"
    try:
        require_service_trust(request["target"]["RoleArn"], SERVICE, source)
    except ServiceSessionError as error:
        raise ValidationException(
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
        ) from error
    made: Schedule = original(self, **request)
    return made


def fire(account_id: str, name: str) -> str | None:
    """The execution that a schedule starts now; none where it is disabled. Raises KeyError where there is no such schedule,
    and ClientError where its role may not start it."""
    group = scheduler_backends[account_id][REGION].schedule_groups["default"]
    schedule = group.schedules[name]
    if schedule.state != "ENABLED":
        return None
    target = schedule.target
    keys = service_session_credentials(target["RoleArn"], SERVICE, _group_arn(schedule), name)
    started = clients.client("stepfunctions", REGION, keys).start_execution(
        stateMachineArn=target["Arn"], input=target.get("Input") or "{}"
    )
    return str(started["executionArn"])


def fired(account_id: str, name: str) -> tuple[int, Any]:
    """The same as a status and a document."""
    try:
        return 200, {"execution": fire(account_id, name)}
    except KeyError:
        return 404, {"error": f"no schedule {name} in {account_id}"}
    except (ClientError, ServiceSessionError) as error:
        return 400, {"error": str(error)}
