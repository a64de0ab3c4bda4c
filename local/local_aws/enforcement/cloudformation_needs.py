"""IAM needs of the CloudFormation API: stacks, change sets and StackSets.

A stack that does not exist yet has the ARN stack/<name>/*; passed roles need iam:PassRole.
Rolling a StackSet out needs the action on the set, on every target, and on every type in its template.
"""

from typing import Any

from moto.cloudformation.models import cloudformation_backends

from local_aws.enforcement.needs import ANY, Need, Parameters, Scope, pass_role, tag_context
from local_aws.enforcement.reference import resource_kinds

_SERVICE = "cloudformation.amazonaws.com"


def _stack_arn(scope: Scope, name_or_arn: str) -> str:
    if name_or_arn.startswith("arn:"):
        return name_or_arn
    backend = cloudformation_backends[scope.account_id][scope.region]
    stack = next((stack for stack in list(backend.stacks.values()) if stack.name == name_or_arn), None)
    return str(stack.stack_id) if stack else scope.arn("cloudformation", "stack", name_or_arn, "*")


def _stack_set(scope: Scope, name: str) -> Any:
    backend = cloudformation_backends[scope.account_id][scope.region]
    # The latest of that name: one that was deleted keeps its own.
    for stack_set in reversed(list(backend.stacksets.values())):
        if name in (stack_set.name, stack_set.id, stack_set.arn):
            return stack_set
    return None


def _stack_set_arn(scope: Scope, name: str) -> str:
    if name.startswith("arn:"):
        return name
    found = _stack_set(scope, name)
    # The id of a set is its name with a colon and what tells it from others of that name.
    known_as, _, number = str(found.id).partition(":") if found else (name, "", "*")
    return scope.arn("cloudformation", "stackset", known_as, number)


def _roll_out_arns(scope: Scope, name: str, parameters: Parameters) -> list[str]:
    """The targets and the resource types of a StackSet that is rolled out."""
    targets = parameters.get("DeploymentTargets") or {}
    units = targets.get("OrganizationalUnitIds") or []
    listed = [*(parameters.get("Accounts") or []), *(targets.get("Accounts") or []), *units]
    set_id = _stack_set_arn(scope, name).split(":stackset/", 1)[-1]
    arns = [scope.arn("cloudformation", "stackset-target", f"{set_id}/{target}") for target in listed]
    found = _stack_set(scope, name)
    resources = found.parsed.get("Resources", {}) if found else {}
    types = sorted({str(resource.get("Type")).replace("::", "-") for resource in resources.values()})
    # AWS's own types belong to no account, which the reference does not say.
    return arns + [scope.arn("cloudformation", "type", name, account_id="") for name in types]


def needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    """The needs of a call of CloudFormation."""
    context = tag_context(parameters)
    role_arn = parameters.get("RoleARN")
    if role_arn:
        context["cloudformation:RoleArn"] = str(role_arn)
    if parameters.get("TemplateURL"):
        context["cloudformation:TemplateUrl"] = str(parameters["TemplateURL"])
    if parameters.get("Regions"):
        context["cloudformation:TargetRegion"] = [str(region) for region in parameters["Regions"]]
    name = f"cloudformation:{action}"
    kinds = resource_kinds(name)
    stack_set, stack = parameters.get("StackSetName"), parameters.get("StackName")
    passed = [*pass_role(role_arn, _SERVICE), *pass_role(parameters.get("AdministrationRoleARN"), _SERVICE)]
    if stack_set and "stackset" in kinds:
        arns = [_stack_set_arn(scope, str(stack_set))]
        if "stackset-target" in kinds:
            arns += _roll_out_arns(scope, str(stack_set), parameters)
        return [*(Need(name, arn, context) for arn in arns), *passed]
    if stack and "stack" in kinds:
        return [Need(name, _stack_arn(scope, str(stack)), context), *passed]
    change_set = str(parameters.get("ChangeSetName") or "")
    if change_set.startswith("arn:"):
        return [Need(name, change_set, context), *passed]
    return [Need(name, ANY, context), *passed]
