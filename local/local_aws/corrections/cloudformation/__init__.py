"""CloudFormation stacks as on AWS: asynchronous, with rights, rollback, events and AWS's refusals.

Corrects moto, where a stack is complete at once, made whatever its caller may do, and never rolled back.
"""

from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.responses import CloudFormationResponse

from . import describe_api, stack_api, summary_api


def install() -> None:
    """Replaces moto's calls on stacks."""
    calls = {
        stack_api: ("create_stack", "update_stack", "delete_stack"),
        describe_api: (
            "describe_stacks",
            "list_stacks",
            "describe_stack_events",
            "describe_stack_resource",
            "describe_stack_resources",
            "list_stack_resources",
            "get_template",
        ),
        summary_api: ("get_template_summary", "validate_template"),
    }
    for module, names in calls.items():
        for name in names:
            setattr(CloudFormationResponse, name, getattr(module, name))
    CloudFormationResponse.create_change_set = stack_api.refuse_change_sets
    # moto itself makes and deletes the stacks that are resources of other stacks.
    CloudFormationBackend.create_stack = stack_api.make_stack
    CloudFormationBackend.delete_stack = stack_api.unmake_stack
