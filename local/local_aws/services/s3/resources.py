"""Buckets in templates: AWS::S3::Bucket with all that the templates say of it, and AWS::S3::BucketPolicy.

moto makes the bucket with its encryption and tags only, and has no policies of buckets in templates. Sources: CloudFormation template
reference, AWS::S3::Bucket and AWS::S3::BucketPolicy.
"""

from typing import Any

from botocore.client import BaseClient
from moto.s3.models import FakeBucket

from local_aws import clients
from local_aws.credentials import root_credentials
from local_aws.patches import patch
from local_aws.services.cloudformation.resources import ApiResource, policy_text


@patch(FakeBucket, "create_from_cloudformation_json")
def _create(
    original: Any,
    cls: type[FakeBucket],
    resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
    **named: Any,
) -> FakeBucket:
    bucket: FakeBucket = original(cls, resource_name, cloudformation_json, account_id, region_name, **named)
    _configure(resource_name, cloudformation_json.get("Properties") or {}, account_id, region_name)
    return bucket


@patch(FakeBucket, "update_from_cloudformation_json")
def _update(
    original: Any,
    cls: type[FakeBucket],
    original_resource: FakeBucket,
    new_resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> FakeBucket:
    bucket: FakeBucket = original(
        cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
    )
    _configure(bucket.name, cloudformation_json.get("Properties") or {}, account_id, region_name)
    return bucket


def _configure(name: str, properties: dict[str, Any], account_id: str, region: str) -> None:
    """What moto leaves out, through the API."""
    s3 = clients.client("s3", region, root_credentials(account_id))
    if "VersioningConfiguration" in properties:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=properties["VersioningConfiguration"])
    if "PublicAccessBlockConfiguration" in properties:
        wanted = properties["PublicAccessBlockConfiguration"]
        blocked = {key: str(value).lower() == "true" for key, value in wanted.items()}
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=blocked)
    if "OwnershipControls" in properties:
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=properties["OwnershipControls"])
    if "LifecycleConfiguration" in properties:
        rules = [_rule(rule) for rule in properties["LifecycleConfiguration"]["Rules"]]
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    events = (properties.get("NotificationConfiguration") or {}).get("EventBridgeConfiguration")
    if events is not None:
        s3.put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule of a template as the API has it."""
    found: dict[str, Any] = {
        "ID": rule.get("Id", "rule"),
        "Status": rule["Status"],
        "Filter": {"Prefix": rule.get("Prefix", "")},
    }
    if "ExpirationInDays" in rule:
        found["Expiration"] = {"Days": int(rule["ExpirationInDays"])}
    if "NoncurrentVersionExpiration" in rule:
        days = int(rule["NoncurrentVersionExpiration"]["NoncurrentDays"])
        found["NoncurrentVersionExpiration"] = {"NoncurrentDays": days}
    if "AbortIncompleteMultipartUpload" in rule:
        days = int(rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"])
        found["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
    return found


class BucketPolicy(ApiResource):
    """AWS::S3::BucketPolicy: unknown to moto."""

    TYPE = "AWS::S3::BucketPolicy"
    SERVICE = "s3"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        client.put_bucket_policy(Bucket=properties["Bucket"], Policy=policy_text(properties["PolicyDocument"]))
        return str(properties["Bucket"])

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        client.delete_bucket_policy(Bucket=physical_id)
