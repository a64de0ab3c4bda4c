"""IAM needs of the CloudFormation API: stacks, change sets and StackSets.

A stack that does not exist yet has the ARN stack/<name>/*; passed roles need iam:PassRole.
"""

from moto.cloudformation.models import cloudformation_backends

from local_aws.enforcement.needs import ANY, Need, Parameters, Scope, pass_role, tag_context

_SERVICE = "cloudformation.amazonaws.com"
_UNSCOPED = {"ListStacks", "ListStackSets", "ValidateTemplate", "DescribeAccountLimits", "ListExports"}


def _stack_arn(scope: Scope, name_or_arn: str) -> str:
    if name_or_arn.startswith("arn:"):
        return name_or_arn
    backend = cloudformation_backends[scope.account_id][scope.region]
    stack = next((stack for stack in list(backend.stacks.values()) if stack.name == name_or_arn), None)
    return str(stack.stack_id) if stack else scope.arn("cloudformation", f"stack/{name_or_arn}/*")


def _stack_set_arn(scope: Scope, name_or_id: str) -> str:
    if name_or_id.startswith("arn:"):
        return name_or_id
    backend = cloudformation_backends[scope.account_id][scope.region]
    for stack_set in list(backend.stacksets.values()):
        if name_or_id in (stack_set.name, stack_set.id):
            return scope.arn("cloudformation", f"stackset/{stack_set.id}")
    return scope.arn("cloudformation", f"stackset/{name_or_id}:*")


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
    stack_set, stack = parameters.get("StackSetName"), parameters.get("StackName")
    passed = [*pass_role(role_arn, _SERVICE), *pass_role(parameters.get("AdministrationRoleARN"), _SERVICE)]
    if action in _UNSCOPED:
        return [Need(name, ANY, context)]
    if stack_set:
        return [Need(name, _stack_set_arn(scope, str(stack_set)), context), *passed]
    if stack:
        return [Need(name, _stack_arn(scope, str(stack)), context), *passed]
    change_set = str(parameters.get("ChangeSetName") or "")
    if change_set.startswith("arn:"):
        return [Need(name, change_set, context), *passed]
    return [Need(name, ANY, context), *passed]
