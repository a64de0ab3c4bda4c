"""Making, changing and deleting single resources of a stack, with someone's rights and with events.

Corrects moto, which has no events or failures of single resources and forgets resources that it cannot update.
"""

import logging
import time
import uuid
from typing import Any

from botocore.exceptions import ClientError
from moto.cloudformation import parsing

from local_aws.clock import scaled
from local_aws.services.cloudformation.exceptions import ResourceFailure, validation_error
from local_aws.services.cloudformation.models import lookup, template
from local_aws.services.cloudformation.models.rights import Actor, Denied, Subject, require_all
from local_aws.services.cloudformation.models.stack import ManagedStack, Record

log = logging.getLogger("local_aws.cloudformation")

CREATION_LIMIT_SECONDS = 3600
HANDLER_ERROR_CODES = {
    "EntityAlreadyExists": "AlreadyExists",
    "EntityAlreadyExistsException": "AlreadyExists",
    "ResourceAlreadyExistsException": "AlreadyExists",
    "AccessDeniedException": "AccessDenied",
}
RETAIN = "Retain"
GONE = ("NoSuchEntity", "NotFound", "DoesNotExist", "NoSuchBucket")


def _class_of(resource_type: str) -> Any:
    resource_class = parsing.resource_class_from_type(resource_type)
    if resource_class is None:
        raise validation_error(f"Template format error: Unrecognized resource types: [{resource_type}]")
    return resource_class


def error_code(failure: Exception) -> str:
    """The AWS code of an exception of moto, which has two kinds of them."""
    if isinstance(failure, ClientError):
        return str(failure.response["Error"]["Code"])
    for attribute in ("error_type", "code"):
        value = getattr(failure, attribute, None)
        if isinstance(value, str):
            return value
    return type(failure).__name__


def reason_of(failure: Exception) -> str:
    """The status reason that AWS would show for a failed resource."""
    if isinstance(failure, Denied):
        return str(failure)
    code = error_code(failure)
    text = getattr(failure, "message", None) or str(failure)
    if isinstance(failure, ClientError):
        text = failure.response["Error"]["Message"]
    elif not isinstance(getattr(failure, "message", None), str):
        log.error("a resource could not be made", exc_info=failure)
    if code in ("ValidationError", "ValidationException"):
        return str(text)
    handler_code = HANDLER_ERROR_CODES.get(code, "NotFound" if _is_gone(failure) else "InvalidRequest")
    return (
        f'Resource handler returned message: "{text}" (RequestToken: {uuid.uuid4()}, HandlerErrorCode: {handler_code})'
    )


def _is_gone(failure: Exception) -> bool:
    code = error_code(failure)
    return any(word in code for word in GONE)


class ResourceWork:
    """What is done to the resources of one stack on behalf of one actor; None is a root, whom nothing limits."""

    def __init__(self, stack: ManagedStack, actor: Actor | None) -> None:
        self.stack = stack
        self.actor = actor

    def create(self, logical_id: str) -> None:
        """Makes a resource; raises ResourceFailure."""
        resource_type = self.stack.template_dict["Resources"][logical_id]["Type"]
        record = self.stack.records[logical_id] = Record(logical_id, resource_type)
        self.stack.mark(record, "CREATE_IN_PROGRESS")
        try:
            definition = self.stack.definition_of(logical_id)
            name = self.stack.physical_name(logical_id, definition)
            self._require("create", definition, name, None)
            self._make(record, definition, name)
        except Exception as failure:
            raise self._failed(record, "CREATE_FAILED", failure) from failure
        self.stack.mark(record, "CREATE_COMPLETE")

    def _make(self, record: Record, definition: dict[str, Any], name: str) -> None:
        if record.resource_type == "AWS::CloudFormation::Stack":
            self._require_capabilities(definition["Properties"]["TemplateURL"])
        resource = _class_of(record.resource_type).create_from_cloudformation_json(
            name,
            definition,
            self.stack.account_id,
            self.stack.region_name,
            LogicalId=record.logical_id,
            StackId=self.stack.stack_id,
            ResourceType=record.resource_type,
        )
        self._keep(record, definition, resource)
        self._wait_until_made(resource)

    def _require_capabilities(self, url: str) -> None:
        """What a stack within this one needs to be acknowledged has to be so for this one."""
        text = lookup.template_at(url, self.stack.account_id, self.actor)
        template.check_capabilities(template.parse(text), self.stack.capabilities)

    def _keep(self, record: Record, definition: dict[str, Any], resource: Any) -> None:
        resource.cf_resource_type = record.resource_type
        resource.logical_resource_id = record.logical_id
        record.resource, record.definition = resource, definition
        record.physical_id = str(resource.physical_resource_id)
        self.stack.resources.put(record.logical_id, resource)

    def _wait_until_made(self, resource: Any) -> None:
        # Custom resources are there when their function has answered.
        end = time.monotonic() + scaled(CREATION_LIMIT_SECONDS)
        while hasattr(resource, "is_created") and not resource.is_created():
            if time.monotonic() > end:
                raise TimeoutError("Custom Resource failed to stabilize in expected time.")
            time.sleep(0.02)

    def update(self, logical_id: str) -> bool:
        """Brings a resource to what the template says now; tells whether there was anything to do."""
        record = self.stack.records[logical_id]
        try:
            definition = self.stack.definition_of(logical_id)
            # A failed update may have changed a part of the resource.
            if _same(definition, record.definition) and record.status != "UPDATE_FAILED":
                return False
            self.stack.mark(record, "UPDATE_IN_PROGRESS")
            self._change(record, definition)
        except Exception as failure:
            raise self._failed(record, "UPDATE_FAILED", failure) from failure
        self.stack.mark(record, "UPDATE_COMPLETE")
        return True

    def _change(self, record: Record, definition: dict[str, Any]) -> None:
        resource_class = _class_of(record.resource_type)
        updatable = not hasattr(resource_class.update_from_cloudformation_json, "__isabstractmethod__")
        if definition["Type"] != record.resource_type or not updatable or _renamed(definition, record):
            self._replace(record, definition)
            return
        self._require("update", definition, record.physical_id, record.definition["Properties"])
        resource = resource_class.update_from_cloudformation_json(
            original_resource=record.resource,
            new_resource_name=self.stack.physical_name(record.logical_id, definition),
            cloudformation_json=definition,
            account_id=self.stack.account_id,
            region_name=self.stack.region_name,
        )
        self._keep(record, definition, resource)

    def _replace(self, record: Record, definition: dict[str, Any]) -> None:
        name = self.stack.physical_name(record.logical_id, definition)
        old_record = Record(
            record.logical_id, record.resource_type, record.definition, record.resource, record.physical_id
        )
        self._require("create", definition, name, None)
        self._require("delete", record.definition, record.physical_id, None)
        if name == record.physical_id:
            # The name is taken until the old one is gone.
            self._unmake(old_record)
        record.resource_type = definition["Type"]
        self._make(record, definition, name)
        is_retained = old_record.definition.get("UpdateReplacePolicy") == RETAIN
        if name != old_record.physical_id and not is_retained:
            self._unmake(old_record)

    def delete(self, record: Record) -> None:
        """Deletes a resource, unless the template retains it; raises ResourceFailure."""
        if not record.exists:
            self.stack.resources.drop(record.logical_id)
            return
        if record.definition.get("DeletionPolicy") in (RETAIN, "RetainExceptOnCreate"):
            self.stack.mark(record, "DELETE_SKIPPED")
            self.stack.resources.drop(record.logical_id)
            return
        self.stack.mark(record, "DELETE_IN_PROGRESS")
        try:
            self._require("delete", record.definition, record.physical_id, None)
            self._unmake(record)
        except Exception as failure:
            raise self._failed(record, "DELETE_FAILED", failure) from failure
        self.stack.resources.drop(record.logical_id)
        self.stack.mark(record, "DELETE_COMPLETE")

    def _unmake(self, record: Record) -> None:
        try:
            self.stack.resources._delete_resource(record.resource, record.definition)
        except Exception as failure:
            # What somebody else has deleted already counts as deleted.
            if not _is_gone(failure):
                raise

    def _require(self, change: str, definition: dict[str, Any], name: str, previous: dict[str, Any] | None) -> None:
        subject = Subject(
            definition["Type"],
            self.stack.account_id,
            self.stack.region_name,
            name,
            definition["Properties"],
            previous,
        )
        require_all(self.actor, change, subject)

    def _failed(self, record: Record, status: str, failure: Exception) -> ResourceFailure:
        reason = reason_of(failure)
        self.stack.mark(record, status, reason)
        return ResourceFailure(record.logical_id, record.resource_type, reason)


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one["Type"] == other["Type"] and one["Properties"] == other["Properties"]


def _renamed(definition: dict[str, Any], record: Record) -> bool:
    """Whether an update changes the name, or the path of an IAM resource, which AWS does by replacement."""
    key = parsing.resource_name_property_from_type(definition["Type"])
    properties, previous = definition["Properties"], record.definition["Properties"]
    keys = [key] if key else []
    if definition["Type"].startswith("AWS::IAM::"):
        keys += ["Path", "ManagedPolicyName"]
    return any(properties.get(key) != previous.get(key) for key in keys)
