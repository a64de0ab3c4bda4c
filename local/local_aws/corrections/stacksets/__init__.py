"""CloudFormation StackSets as on AWS: operations that take time, one at a time, with roles, rights and results.

Corrects moto, where operations succeed at once and neither ids, filters, parameters nor roles matter.
"""

from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.responses import CloudFormationResponse

from . import instances_api, sets_api


def install() -> None:
    """Replaces moto's calls on StackSets."""
    calls = {
        sets_api: (
            "create_stack_set",
            "update_stack_set",
            "delete_stack_set",
            "describe_stack_set",
            "list_stack_sets",
        ),
        instances_api: (
            "create_stack_instances",
            "update_stack_instances",
            "delete_stack_instances",
            "describe_stack_instance",
            "list_stack_instances",
            "describe_stack_set_operation",
            "list_stack_set_operations",
            "list_stack_set_operation_results",
            "stop_stack_set_operation",
        ),
    }
    for module, names in calls.items():
        for name in names:
            setattr(CloudFormationResponse, name, getattr(module, name))
    CloudFormationBackend.describe_stack_set = sets_api.find
    # moto turns these two from dictionaries into lists; here they are lists.
    for member in ("Parameters", "Tags"):
        CloudFormationResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER.pop(f"DescribeStackSetOutput.StackSet.{member}", None)
