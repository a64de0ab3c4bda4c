"""S3: conditional writes with one winner, missing objects, and buckets of templates.

Sources: S3 user guide, "conditional writes"; API reference, GetObject; botocore's model of `s3`.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloudformation_support import settled
from organization import allow, error_of, new_role, session, trust, unique

from local_aws.address import REGION

ACCOUNT = "266666666666"


@pytest.fixture
def s3(client: Callable[..., Any]) -> Any:
    return client("s3", ACCOUNT)


@pytest.fixture
def bucket(s3: Any) -> str:
    name = unique("bucket")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


def test_an_object_is_made_once(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="one", Body=b"first", IfNoneMatch="*")
    error = error_of(s3.put_object, Bucket=bucket, Key="one", Body=b"second", IfNoneMatch="*")
    assert (error["Code"], error["status"]) == ("PreconditionFailed", 412)
    assert s3.get_object(Bucket=bucket, Key="one")["Body"].read() == b"first"


def test_an_object_is_replaced_as_it_was_read(s3: Any, bucket: str) -> None:
    read = s3.put_object(Bucket=bucket, Key="one", Body=b"first")["ETag"]
    s3.put_object(Bucket=bucket, Key="one", Body=b"second", IfMatch=read)
    error = error_of(s3.put_object, Bucket=bucket, Key="one", Body=b"third", IfMatch=read)
    assert (error["Code"], error["status"]) == ("PreconditionFailed", 412)
    # API reference, PutObject: where there is no object, there is nothing that could match.
    error = error_of(s3.put_object, Bucket=bucket, Key="other", Body=b"third", IfMatch=read)
    assert (error["Code"], error["status"]) == ("NoSuchKey", 404)


def test_of_many_writers_under_one_condition_one_wins(s3: Any, bucket: str) -> None:
    def write(number: int) -> bool:
        try:
            s3.put_object(Bucket=bucket, Key="one", Body=f"{number}".encode() * 1000, IfNoneMatch="*")
        except ClientError as error:
            assert error.response["Error"]["Code"] == "PreconditionFailed"
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(write, range(64))) == 1


@pytest.mark.parametrize(("also", "code", "status"), [([], "AccessDenied", 403), (["s3:ListBucket"], "NoSuchKey", 404)])
def test_a_missing_object_is_told_to_those_who_may_list(
    client: Callable[..., Any], s3: Any, bucket: str, also: list[str], code: str, status: int
) -> None:
    arns = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    role = new_role(client, ACCOUNT, trust(f"arn:aws:iam::{ACCOUNT}:root"), allow("s3:GetObject", *also, resource=arns))
    reader = client("s3", credentials=session(client, role))
    error = error_of(reader.get_object, Bucket=bucket, Key="missing")
    assert (error["Code"], error["status"]) == (code, status)
    s3.put_object(Bucket=bucket, Key="there", Body=b"text")
    assert reader.get_object(Bucket=bucket, Key="there")["Body"].read() == b"text"


def test_a_bucket_of_a_template_is_as_the_template_says(client: Callable[..., Any], s3: Any) -> None:
    name = unique("bucket")
    resources = {
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "BucketName": name,
                "VersioningConfiguration": {"Status": "Enabled"},
                "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "BlockPublicPolicy": True},
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
                "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
                "LifecycleConfiguration": {
                    "Rules": [
                        {"Id": "old", "Status": "Enabled", "Prefix": "old/", "ExpirationInDays": 35},
                        {
                            "Id": "versions",
                            "Status": "Enabled",
                            "NoncurrentVersionExpiration": {"NoncurrentDays": 400},
                            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                        },
                    ]
                },
            },
        },
        "Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": allow("s3:GetObject")},
        },
    }
    cloudformation = client("cloudformation", ACCOUNT)
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
    assert settled(cloudformation, name)["StackStatus"] == "CREATE_COMPLETE"
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]["BlockPublicAcls"]
    assert s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    first, second = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert (first["Filter"]["Prefix"], first["Expiration"]["Days"]) == ("old/", 35)
    assert second["NoncurrentVersionExpiration"]["NoncurrentDays"] == 400
    assert json.loads(s3.get_bucket_policy(Bucket=name)["Policy"]) == allow("s3:GetObject")
    assert [event["detail"]["object"]["key"] for event in _events_of(client, s3, name)] == ["current/one"]


def _events_of(client: Callable[..., Any], s3: Any, bucket: str) -> list[dict[str, Any]]:
    """What a rule for new objects below current/ has been told, after two were written."""
    sqs, events = client("sqs", ACCOUNT), client("events", ACCOUNT)
    queue = sqs.create_queue(QueueName=bucket)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    detail = {"bucket": {"name": [bucket]}, "object": {"key": [{"prefix": "current/"}]}}
    pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}
    events.put_rule(Name=bucket, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=bucket, Targets=[{"Id": "queue", "Arn": arn}])
    for key in ("old/one", "current/one"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"text")
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]
