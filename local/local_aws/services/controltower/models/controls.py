"""The mandatory control that keeps everybody's hands off Control Tower's roles, as the service control policy it is.

It holds for the members of registered units, since landing zone 4.0 of those on which it is enabled: nobody but Control Tower itself
makes, changes or deletes these roles.
"""

import json

from local_aws.enforcement import organization_policies
from local_aws.services.controltower.models.landing_zone import Tower, governing

_ROLES = ("aws-controltower-*", "*AWSControlTower*", "stacksets-exec-*")
CONTROL = "AWS-GR_IAM_ROLE_CHANGE_PROHIBITED"
_EXEMPT = ("AWSControlTowerExecution", "stacksets-exec-*")
_ACTIONS = (
    "AttachRolePolicy",
    "CreateRole",
    "DeleteRole",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "DetachRolePolicy",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
    "UpdateAssumeRolePolicy",
    "UpdateRole",
    "UpdateRoleDescription",
)
ROLE_CHANGES = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "GRIAMROLEPOLICY",
                "Effect": "Deny",
                "Action": [f"iam:{action}" for action in _ACTIONS],
                "Resource": [f"arn:aws:iam::*:role/{name}" for name in _ROLES],
                "Condition": {
                    "ArnNotLike": {"aws:PrincipalArn": [f"arn:aws:iam::*:role/{name}" for name in _EXEMPT]}
                },
            }
        ],
    }
)


def _is_on(tower: Tower, unit_id: str) -> bool:
    if tower.version == "3.3":
        return tower.registered(unit_id) is not None
    unit = tower.unit(unit_id)
    on_unit = (one for one in tower.controls.values() if unit is not None and one.target == unit.arn)
    return any(one.control.endswith(f"/{CONTROL}") for one in on_unit)


def policies_for(account_id: str) -> list[str]:
    """What holds for the principals of an account; the management account is never held to anything."""
    tower = governing(account_id)
    if tower is None or not tower.mandatory_controls or account_id == tower.account_id:
        return []
    account = tower.account(account_id)
    place = account.parent_id if account is not None else None
    while place is not None:
        # Policies are inherited: a unit below a registered one is held, too.
        if _is_on(tower, place):
            return [ROLE_CHANGES]
        unit = tower.unit(place)
        place = unit.parent_id if unit is not None else None
    return []


organization_policies.service_control_policies.append(policies_for)
