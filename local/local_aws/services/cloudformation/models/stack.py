"""A stack as the engine keeps it: moto's stack with its resources, statuses, reasons, outputs and events recorded.

Corrects moto, which makes a resource whenever somebody looks at it, and keeps no state of single resources.
"""

import copy
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.cloudformation import models, parsing
from moto.cloudformation.parsing import Export, ResourceMap, clean_json
from moto.core.utils import utcnow

from local_aws.services.cloudformation.exceptions import validation_error
from local_aws.services.cloudformation.models import parameters, template


@dataclass
class Record:
    """One resource of a stack and what happened to it last."""

    logical_id: str
    resource_type: str
    definition: dict[str, Any] = field(default_factory=dict)
    resource: Any = None
    physical_id: str = ""
    status: str = ""
    reason: str | None = None
    timestamp: datetime = field(default_factory=utcnow)

    @property
    def exists(self) -> bool:
        """Whether there is something to delete."""
        return bool(self.physical_id) and self.status != "DELETE_COMPLETE"


class StackResources(ResourceMap):
    """moto's map makes a resource when it is looked up; here the engine alone makes resources."""

    def __getitem__(self, key: str) -> Any:
        return self._parsed_resources[key]

    def validate_outputs(self) -> None:
        """Outputs are resolved when all resources exist."""

    def reload(self, template_dict: dict[str, Any], values: dict[str, str]) -> None:
        """Takes another template or other parameters; the resources stay."""
        for key in list(self._template.get("Mappings") or {}) + list(self.resolved_parameters):
            self._parsed_resources.pop(key, None)
        self._template = template_dict
        self._resource_json_map = template_dict["Resources"]
        self.input_parameters = values
        self.resolved_parameters = {}
        self.load()

    def wanted(self, logical_id: str) -> bool:
        """Whether the resource's condition holds."""
        condition = self._resource_json_map[logical_id].get("Condition")
        return not condition or bool(self.lazy_condition_map[condition])

    def put(self, logical_id: str, resource: Any) -> None:
        self._parsed_resources[logical_id] = resource

    def drop(self, logical_id: str) -> None:
        self._parsed_resources.pop(logical_id, None)


class ManagedStack(models.Stack):
    """A stack whose lifecycle the engine drives."""

    def __init__(self, backend: Any, name: str, template_text: str, values: dict[str, str], **options: Any) -> None:
        self.backend = backend
        self.records: dict[str, Record] = {}
        self.status_reason: str | None = None
        self.last_updated_time: datetime | None = None
        self.deletion_time: datetime | None = None
        self.output_list: list[dict[str, Any]] = []
        self.capabilities: list[str] = options.pop("capabilities", [])
        self.on_failure: str = options.pop("on_failure", "ROLLBACK")
        self.token: str | None = options.pop("token", None)
        # What was handed in, where macros have made another template of it.
        self.submitted: str = options.pop("submitted", template_text)
        self.busy = threading.RLock()
        self.cancelled = False
        super().__init__(
            stack_id=models.generate_stack_id(name, backend.region_name, backend.account_id),
            name=name,
            template=template_text,
            parameters=values,
            account_id=backend.account_id,
            region_name=backend.region_name,
            cross_stack_resources=backend.exports,
            **options,
        )

    @staticmethod
    def parse_template(text: Any) -> dict[str, Any]:
        return template.parse(text)

    def _create_resource_map(self) -> StackResources:
        # moto keeps a reference to the backend's exports only when there are some.
        self.cross_stack_resources = self.backend.exports
        resources = StackResources(
            self.stack_id,
            self.name,
            self.parameters,
            self.tags,
            account_id=self.account_id,
            region_name=self.region_name,
            template=self.template_dict,
            cross_stack_resources=self.cross_stack_resources,
        )
        resources.load()
        return resources

    @property
    def resources(self) -> StackResources:
        return self.resource_map

    @property
    def outputs(self) -> list[dict[str, Any]]:
        return self.output_list

    @property
    def physical_resource_id(self) -> str:
        """What a stack is to the one that it is nested in; moto's is its name."""
        return str(self.stack_id)

    def get_cfn_attribute(self, attribute_name: str) -> Any:
        """`Outputs.X`, for the stack that it is nested in; moto knows none."""
        for output in self.output_list:
            if attribute_name == f"Outputs.{output['OutputKey']}":
                return output["OutputValue"]
        raise validation_error(f"Template error: {attribute_name} is no output of the stack {self.name}")

    @property
    def parameter_list(self) -> list[dict[str, Any]]:
        return parameters.shown(self.template_dict, self.parameters)

    def set_status(self, status: str, reason: str | None = None) -> None:
        """Moves the stack on, with an event."""
        self.add_event(self.name, self.stack_id, "AWS::CloudFormation::Stack", status, reason)
        self.status_reason = reason
        self.status = status

    def mark(self, record: Record, status: str, reason: str | None = None) -> None:
        """Moves one resource on, with an event."""
        record.status, record.reason, record.timestamp = status, reason, utcnow()
        self.add_event(record.logical_id, record.physical_id, record.resource_type, status, reason)

    def add_event(self, logical_id: str, physical_id: str, kind: str, status: str, reason: str | None) -> None:
        event = models.Event(self.stack_id, self.name, logical_id, physical_id, kind, status, reason, None)
        event.client_request_token = self.token  # type: ignore[assignment]
        if kind == "AWS::CloudFormation::Stack":
            event.sendToSns(self.account_id, self.region_name, self.notification_arns)
        self.events.append(event)

    def take(
        self, template_text: Any, values: dict[str, str], tags: dict[str, str], submitted: str | None = None
    ) -> None:
        """Takes another template, other parameters and tags; what follows from them is the engine's work."""
        self.template, self.submitted = template_text, submitted or template_text
        self.template_dict = template.parse(template_text)
        self.description = self.template_dict.get("Description")
        self.parameters = values
        self.tags = tags
        self.resources.reload(self.template_dict, values)

    def definition_of(self, logical_id: str) -> dict[str, Any]:
        """A resource's definition with all functions resolved and the stack's tags added."""
        definition = copy.deepcopy(self.template_dict["Resources"][logical_id])
        definition["Properties"] = definition.get("Properties") or {}
        try:
            resolved: dict[str, Any] = _without_nothing(clean_json(definition, self.resources))
        except KeyError as missing:
            raise validation_error(
                f"Unresolved resource dependencies [{missing.args[0]}] in the Resources block of the template"
            ) from missing
        resolved.setdefault("Properties", {})
        if resolved["Type"] in TAGGED_WITH_STACK and self.tags:
            own = {tag["Key"]: tag["Value"] for tag in resolved["Properties"].get("Tags") or []}
            merged = {**self.tags, **own}
            resolved["Properties"]["Tags"] = [{"Key": key, "Value": value} for key, value in merged.items()]
        return resolved

    def physical_name(self, logical_id: str, definition: dict[str, Any]) -> str:
        """The name that the definition gives, or a generated one."""
        resource_type = definition["Type"]
        name_property = parsing.resource_name_property_from_type(resource_type)
        given = definition["Properties"].get(name_property) if name_property else None
        return given or parsing.generate_resource_name(resource_type, self.name, logical_id)

    def settle_outputs(self) -> None:
        """Resolves the outputs once and publishes the exports."""
        outputs, exports = [], []
        for key, output in (self.template_dict.get("Outputs") or {}).items():
            condition = output.get("Condition")
            if condition and not self.resources.lazy_condition_map[condition]:
                continue
            value = parameters.text_of(clean_json(output.get("Value"), self.resources))
            entry = {"OutputKey": key, "OutputValue": value, "Description": output.get("Description")}
            if output.get("Export"):
                entry["ExportName"] = clean_json(output["Export"]["Name"], self.resources)
                exports.append(Export(self.stack_id, entry["ExportName"], value))
            outputs.append(entry)
        self._publish(exports)
        self.output_list = outputs

    def _publish(self, exports: list[Export]) -> None:
        for export in exports:
            taken = self.backend.exports.get(export.name)
            if taken is not None and taken.exporting_stack_id != self.stack_id:
                raise validation_error(
                    f"Export with name {export.name} is already exported by stack {taken.exporting_stack_id}."
                )
        self.withdraw_exports()
        for export in exports:
            self.backend.exports[export.name] = export

    def withdraw_exports(self) -> None:
        for name, export in list(self.backend.exports.items()):
            if export.exporting_stack_id == self.stack_id:
                del self.backend.exports[name]


def _without_nothing(value: Any) -> Any:
    """moto leaves a None where a list has AWS::NoValue."""
    if isinstance(value, dict):
        return {key: _without_nothing(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nothing(item) for item in value if item is not None]
    return value


# CloudFormation hands a stack's tags on to the resources that can carry them; these matter for rights on tagging.
TAGGED_WITH_STACK = {
    "AWS::CloudFormation::StackSet",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::IAM::User",
}
