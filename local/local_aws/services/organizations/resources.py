"""Policies of the organization in templates: AWS::Organizations::Policy, with the roots, units and accounts that it is for.

Unknown to moto.
"""

from typing import Any

from botocore.client import BaseClient

from local_aws.services.cloudformation.resources import ApiResource, policy_text


class OrganizationPolicy(ApiResource):
    """AWS::Organizations::Policy: unknown to moto."""

    TYPE = "AWS::Organizations::Policy"
    SERVICE = "organizations"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        made = client.create_policy(
            Name=properties["Name"],
            Type=properties["Type"],
            Description=properties.get("Description") or "",
            Content=policy_text(properties["Content"]),
            Tags=properties.get("Tags") or [],
        )
        policy_id = str(made["Policy"]["PolicySummary"]["Id"])
        _bring_to(client, policy_id, set(properties.get("TargetIds") or []))
        return policy_id

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> ApiResource:
        properties = cloudformation_json["Properties"]
        client = cls.client(account_id, region_name)
        policy_id = str(original_resource.physical_resource_id)
        client.update_policy(
            PolicyId=policy_id,
            Name=properties["Name"],
            Description=properties.get("Description") or "",
            Content=policy_text(properties["Content"]),
        )
        _bring_to(client, policy_id, set(properties.get("TargetIds") or []))
        return cls(policy_id, account_id, region_name)

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        _bring_to(client, physical_id, set())
        client.delete_policy(PolicyId=physical_id)


def _bring_to(client: BaseClient, policy_id: str, wanted: set[str]) -> None:
    attached = {target["TargetId"] for target in client.list_targets_for_policy(PolicyId=policy_id)["Targets"]}
    for target in sorted(wanted - attached):
        client.attach_policy(PolicyId=policy_id, TargetId=target)
    for target in sorted(attached - wanted):
        client.detach_policy(PolicyId=policy_id, TargetId=target)
