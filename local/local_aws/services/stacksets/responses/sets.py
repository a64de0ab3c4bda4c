"""CreateStackSet, UpdateStackSet, DeleteStackSet and the calls that describe StackSets.

Corrects moto, which accepts a name twice and missing parameters, ignores capabilities and managed execution, and shows secrets. Sources:
CloudFormation API reference, CreateStackSet, UpdateStackSet, DeleteStackSet, DescribeStackSet and ListStackSets, with the codes of its model;
the words: LocalStack, cloudformation/resources/test_stack_sets, recorded on AWS 2025-08-01, for a set that is not there, and
ansible-collections/community.aws#103 for a busy one.
"""

import re
from typing import Any

from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult, EmptyResult

from local_aws.api import lists
from local_aws.credentials import PARTITION
from local_aws.patches import patch
from local_aws.services.cloudformation.exceptions import error, invalid_token, validation_error
from local_aws.services.cloudformation.models import lookup, parameters, template, tokens
from local_aws.services.cloudformation.responses.stacks import caller, tags_of
from local_aws.services.stacksets.models.stack_set import Operation, StackSet, Target, changed
from local_aws.services.stacksets.models.targets import targets_of
from local_aws.services.stacksets.operations import queue

NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")


def find(backend: Any, name: str) -> StackSet:
    """The StackSet of that name or id."""
    for stack_set in list(backend.stacksets.values()):
        if name in (stack_set.name, stack_set.id, stack_set.arn) and stack_set.status == "ACTIVE":
            return stack_set
    raise error("StackSetNotFoundException", f"StackSet {name} not found")


@patch(CloudFormationBackend, "describe_stack_set")
def _find_in_backend(_: Any, backend: Any, name: str) -> StackSet:
    """moto itself looks for sets, too."""
    return find(backend, name)


def page(response: Any, items: list[Any]) -> tuple[list[Any], str | None]:
    """The part of a list that MaxResults and NextToken ask for."""
    token, size = response._get_param("NextToken"), int(response._get_param("MaxResults") or 100)
    return lists.page(items, token, size, invalid_token())


def _managed_execution(response: Any) -> bool:
    value = (response._get_param("ManagedExecution") or {}).get("Active")
    return value is True or str(value).lower() == "true"


def _changes_execution(stack_set: StackSet, response: Any) -> bool:
    """Whether an update turns managed execution on or off; AWS refuses that together with another template or values.

    The words: hashicorp/terraform-provider-aws#35031. That it waits for no operation is in the model of ManagedExecution; the error is
    not, and is the one of a set that is busy.
    """
    if not response._get_param("ManagedExecution") or _managed_execution(response) == stack_set.managed_execution:
        return False
    has_values = any("ParameterValue" in one for one in response._get_param("Parameters", []) or [])
    if has_values or not response._get_bool_param("UsePreviousTemplate", False):
        text = "Cannot update ManagedExecution while updating StackSet Template or Parameters"
        raise error("InvalidOperationException", text)
    return True


@patch(CloudFormationResponse, "create_stack_set")
def create_stack_set(_: Any, response: Any) -> ActionResult:
    """moto: a second set of the same name."""
    backend, name = response.cloudformation_backend, response._get_param("StackSetName")
    if not NAME.fullmatch(name or ""):
        raise validation_error(
            f"1 validation error detected: Value '{name}' at 'stackSetName' failed to satisfy constraint:"
            " Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )
    text = lookup.given_template(response, caller(response))
    if text is None:
        raise validation_error("Either Template URL or Template Body must be specified.")
    token = response._get_param("ClientRequestToken")
    mark = tokens.fingerprint("create-set", name, text, response._get_param("Parameters", []), tags_of(response))
    with changed:
        known = tokens.earlier(backend, token, mark)
        if known:
            return ActionResult({"StackSetId": known})
        if any(other.name == name and other.status == "ACTIVE" for other in list(backend.stacksets.values())):
            raise error("NameAlreadyExistsException", f"StackSet {name} already exists")
        stack_set = _new_set(response, name, text)
        backend.stacksets[stack_set.id] = stack_set
        tokens.remember(backend, token, mark, stack_set.id)
    return ActionResult({"StackSetId": stack_set.id})


def _new_set(response: Any, name: str, text: str) -> StackSet:
    parsed = template.parse(text)
    template.creation_order(parsed)
    capabilities = response._get_param("Capabilities", []) or []
    template.check_capabilities(parsed, capabilities)
    values = parameters.explicit_values(response._get_param("Parameters", []) or [], None)
    # Every parameter needs a value here, though instances may override it.
    parameters.resolve(parsed, values)
    account_id = response.current_account
    role = response._get_param("AdministrationRoleARN")
    return StackSet(
        name=name,
        account_id=account_id,
        region=response.region,
        template=text,
        values=values,
        capabilities=capabilities,
        tags=tags_of(response),
        permission_model=response._get_param("PermissionModel") or "SELF_MANAGED",
        description=response._get_param("Description"),
        administration_role_arn=role
        or f"arn:{PARTITION}:iam::{account_id}:role/AWSCloudFormationStackSetAdministrationRole",
        execution_role_name=response._get_param("ExecutionRoleName") or "AWSCloudFormationStackSetExecutionRole",
        managed_execution=_managed_execution(response),
        auto_deployment=response._get_param("AutoDeployment"),
    )


@patch(CloudFormationResponse, "update_stack_set")
def update_stack_set(_: Any, response: Any) -> ActionResult:
    """moto: changes the template, and no stack."""
    backend = response.cloudformation_backend
    stack_set = find(backend, response._get_param("StackSetName"))
    text = lookup.given_template(response, caller(response))
    if response._get_bool_param("UsePreviousTemplate", False):
        text = stack_set.template
    if text is None:
        raise validation_error("Either Template URL or Template Body must be specified.")
    parsed = template.parse(text)
    template.creation_order(parsed)
    capabilities = response._get_param("Capabilities", []) or []
    template.check_capabilities(parsed, capabilities)
    operation_id = queue.operation_id_of(response._get_param("OperationId"))
    with changed:
        queue.refuse_known_id(stack_set, operation_id)
        queue.refuse_while_busy(stack_set, managed_too=_changes_execution(stack_set, response))
        given = response._get_param("Parameters", []) or []
        values = parameters.explicit_values(given, parameters.with_defaults(stack_set.parsed, stack_set.values))
        parameters.resolve(parsed, values)
        targets = _targets_of_update(stack_set, response)
        stack_set.template, stack_set.values, stack_set.capabilities = text, values, capabilities
        _take_settings(stack_set, response)
        for instance in stack_set.instances.values():
            instance.set("OUTDATED", instance.detailed_status, instance.reason)
        operation = Operation(operation_id, "UPDATE", targets, whole_set=True)
        operation.preferences = response._get_param("OperationPreferences") or {}
        queue.start(stack_set, operation)
    return ActionResult({"OperationId": operation_id})


def _targets_of_update(stack_set: StackSet, response: Any) -> list[Target]:
    if response._get_param("Regions"):
        chosen = targets_of(stack_set, response)
        missing = [target for target in chosen if target.key not in stack_set.instances]
        if missing:
            raise error("StackInstanceNotFoundException", "The specified stack instance doesn't exist.")
        return chosen
    return [Target(instance.account_id, instance.region) for instance in stack_set.instances.values()]


def _take_settings(stack_set: StackSet, response: Any) -> None:
    description = response._get_param("Description")
    stack_set.description = description if description is not None else stack_set.description
    stack_set.tags = tags_of(response) or stack_set.tags
    role, execution = response._get_param("AdministrationRoleARN"), response._get_param("ExecutionRoleName")
    stack_set.administration_role_arn = role or stack_set.administration_role_arn
    stack_set.execution_role_name = execution or stack_set.execution_role_name
    if response._get_param("ManagedExecution"):
        stack_set.managed_execution = _managed_execution(response)


@patch(CloudFormationResponse, "delete_stack_set")
def delete_stack_set(_: Any, response: Any) -> EmptyResult:
    """moto: deletes sets with running operations; an unknown set is no error, as on AWS."""
    backend, name = response.cloudformation_backend, response._get_param("StackSetName")
    with changed:
        for stack_set in list(backend.stacksets.values()):
            if name not in (stack_set.name, stack_set.id) or stack_set.status != "ACTIVE":
                continue
            if stack_set.instances:
                raise error("StackSetNotEmptyException", "StackSet is not empty")
            if any(not operation.final for operation in stack_set.operations):
                raise error(
                    "OperationInProgressException", f"Another Operation on StackSet {stack_set.arn} is in progress"
                )
            stack_set.status = "DELETED"
    return EmptyResult()


@patch(CloudFormationResponse, "describe_stack_set")
def describe_stack_set(_: Any, response: Any) -> ActionResult:
    """moto: the parameters that were given, secrets in clear; managed execution never active."""
    stack_set = find(response.cloudformation_backend, response._get_param("StackSetName"))
    units = {instance.organizational_unit_id for instance in stack_set.instances.values()}
    entry = {
        "StackSetName": stack_set.name,
        "StackSetId": stack_set.id,
        "StackSetARN": stack_set.arn,
        "Description": stack_set.description,
        "Status": stack_set.status,
        "TemplateBody": stack_set.template,
        "Parameters": stack_set.shown_parameters,
        "Capabilities": stack_set.capabilities,
        "Tags": [{"Key": key, "Value": value} for key, value in stack_set.tags.items()],
        "PermissionModel": stack_set.permission_model,
        "ManagedExecution": {"Active": stack_set.managed_execution},
        "AutoDeployment": stack_set.auto_deployment,
        "OrganizationalUnitIds": sorted(unit for unit in units if unit),
        "Regions": sorted({instance.region for instance in stack_set.instances.values()}),
    }
    if stack_set.permission_model == "SELF_MANAGED":
        entry["AdministrationRoleARN"] = stack_set.administration_role_arn
        entry["ExecutionRoleName"] = stack_set.execution_role_name
    return ActionResult({"StackSet": lists.given(entry)})


@patch(CloudFormationResponse, "list_stack_sets")
def list_stack_sets(_: Any, response: Any) -> ActionResult:
    """moto: no filter."""
    wanted = response._get_param("Status")
    sets = [item for item in list(response.cloudformation_backend.stacksets.values()) if wanted in (None, item.status)]
    shown, following = page(response, sets)
    summaries = [
        lists.given(
            {
                "StackSetName": stack_set.name,
                "StackSetId": stack_set.id,
                "Description": stack_set.description,
                "Status": stack_set.status,
                "PermissionModel": stack_set.permission_model,
                "DriftStatus": "NOT_CHECKED",
                "ManagedExecution": {"Active": stack_set.managed_execution},
            }
        )
        for stack_set in shown
    ]
    return ActionResult({"Summaries": summaries, "NextToken": following})
