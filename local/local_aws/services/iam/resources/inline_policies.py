"""Inline policies that are resources of their own: AWS::IAM::UserPolicy and AWS::IAM::RolePolicy.

Unknown to moto.
"""

from typing import Any

from botocore.client import BaseClient

from local_aws.services.cloudformation.resources import ApiResource, policy_text


class UserPolicy(ApiResource):
    """AWS::IAM::UserPolicy: unknown to moto."""

    TYPE = "AWS::IAM::UserPolicy"
    SERVICE = "iam"
    ENTITY = "User"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        entity = properties[f"{cls.ENTITY}Name"]
        getattr(client, f"put_{cls.ENTITY.lower()}_policy")(
            **{f"{cls.ENTITY}Name": entity},
            PolicyName=properties["PolicyName"],
            PolicyDocument=policy_text(properties["PolicyDocument"]),
        )
        return f"{properties['PolicyName']}|{entity}"

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        getattr(client, f"delete_{cls.ENTITY.lower()}_policy")(
            **{f"{cls.ENTITY}Name": properties[f"{cls.ENTITY}Name"]},
            PolicyName=properties["PolicyName"],
        )


class RolePolicy(UserPolicy):
    """AWS::IAM::RolePolicy: unknown to moto."""

    TYPE = "AWS::IAM::RolePolicy"
    ENTITY = "Role"
