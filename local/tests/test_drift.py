"""The drift of stacks, which `avm doctor` asks for: roles and users are looked at, other resources are not.

Source: CloudFormation user guide, "Detect unmanaged configuration changes to stacks and resources with drift detection".
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloudformation_support import NAMED, new_account, policy, role, settled, template


@pytest.fixture
def account() -> str:
    return new_account()


def drifted(cloudformation: Any, stack: str) -> dict[str, str]:
    """What a detection finds: the status of each resource that is not as its template says."""
    detection = cloudformation.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
    status = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
    assert status["DetectionStatus"] == "DETECTION_COMPLETE"
    found = cloudformation.describe_stack_resource_drifts(
        StackName=stack, StackResourceDriftStatusFilters=["MODIFIED", "DELETED"]
    )["StackResourceDrifts"]
    assert status["DriftedStackResourceCount"] == len(found)
    assert status["StackDriftStatus"] == ("DRIFTED" if found else "IN_SYNC")
    return {one["LogicalResourceId"]: one["StackResourceDriftStatus"] for one in found}


def test_a_role_that_is_changed_or_gone_has_drifted(client: Callable[..., Any], account: str) -> None:
    cloudformation, iam = client("cloudformation", account), client("iam", account)
    body = template(One=role("one"), Other=role("other"), Topic={"Type": "AWS::SNS::Topic"})
    cloudformation.create_stack(StackName="drifts", TemplateBody=body, Capabilities=NAMED)
    settled(cloudformation, "drifts")
    assert drifted(cloudformation, "drifts") == {}

    iam.put_role_policy(RoleName="one", PolicyName="more", PolicyDocument=json.dumps(policy("s3:*")))
    iam.delete_role_policy(RoleName="other", PolicyName="inline")
    iam.delete_role(RoleName="other")
    assert drifted(cloudformation, "drifts") == {"One": "MODIFIED", "Other": "DELETED"}
    iam.delete_role_policy(RoleName="one", PolicyName="more")
    assert drifted(cloudformation, "drifts") == {"Other": "DELETED"}


def test_a_user_with_other_policies_has_drifted(client: Callable[..., Any], account: str) -> None:
    cloudformation, iam = client("cloudformation", account), client("iam", account)
    inline = {"PolicyName": "inline", "PolicyDocument": policy("s3:GetObject")}
    body = template(User={"Type": "AWS::IAM::User", "Properties": {"UserName": "somebody", "Policies": [inline]}})
    cloudformation.create_stack(StackName="users", TemplateBody=body, Capabilities=NAMED)
    settled(cloudformation, "users")
    assert drifted(cloudformation, "users") == {}
    iam.put_user_policy(UserName="somebody", PolicyName="inline", PolicyDocument=json.dumps(policy("s3:*")))
    assert drifted(cloudformation, "users") == {"User": "MODIFIED"}


def test_what_was_not_looked_at_is_told(client: Callable[..., Any], account: str) -> None:
    cloudformation = client("cloudformation", account)
    with pytest.raises(ClientError):
        cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId="0" * 36)
    with pytest.raises(ClientError):
        cloudformation.detect_stack_drift(StackName="nothing")


def test_quotas_are_told_by_name_and_where_the_service_lies(client: Callable[..., Any], account: str) -> None:
    def quotas(service: str, region: str) -> dict[str, float]:
        pages = client("service-quotas", account, region=region).get_paginator("list_service_quotas")
        found = [one for page in pages.paginate(ServiceCode=service) for one in page["Quotas"]]
        return {one["QuotaName"]: one["Value"] for one in found}

    assert quotas("lambda", "eu-central-1") == {"Concurrent executions": 1000.0}
    assert quotas("organizations", "us-east-1") == {"Default maximum number of accounts": 10000.0}
    assert "Number of permission sets allowed in IAM Identity Center" in quotas("sso", "eu-central-1")
    with pytest.raises(ClientError) as refused:
        quotas("organizations", "eu-central-1")
    assert refused.value.response["Error"]["Code"] == "NoSuchResourceException"


def test_more_of_a_quota_is_asked_for_once(client: Callable[..., Any], account: str) -> None:
    quotas = client("service-quotas", account)
    (quota,) = quotas.list_service_quotas(ServiceCode="lambda")["Quotas"]
    assert quota["Adjustable"]

    def ask(value: float, code: str = quota["QuotaCode"]) -> str:
        try:
            answer = quotas.request_service_quota_increase(ServiceCode="lambda", QuotaCode=code, DesiredValue=value)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return str(answer["RequestedQuota"]["Status"])

    assert ask(quota["Value"]) == "IllegalArgumentException"
    assert ask(2000, "L-00000000") == "NoSuchResourceException"
    assert [ask(2000), ask(3000)] == ["PENDING", "ResourceAlreadyExistsException"]
    # Nobody has decided.
    assert quotas.list_service_quotas(ServiceCode="lambda")["Quotas"] == [quota]
