"""A new account refuses roles for a while, then CloudFormation for a little longer."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from organization import ACCESS_ROLE, error_of, new_account

from local_aws.services.account.models import readiness


def test_roles_come_first_and_cloudformation_later(
    client: Callable[..., Any], organizations: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "0")
    account_id = new_account(organizations)
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "1")
    request = {"RoleArn": f"arn:aws:iam::{account_id}:role/{ACCESS_ROLE}", "RoleSessionName": "test"}
    error = error_of(client("sts").assume_role, **request)
    assert (error["Code"], error["status"]) == ("AccessDenied", 403)

    readiness.account_created(account_id, time.monotonic() - 31)
    credentials = client("sts").assume_role(**request)["Credentials"]
    cloudformation = client("cloudformation", credentials=credentials)
    error = error_of(cloudformation.describe_stacks)
    assert (error["Code"], error["status"]) == ("OptInRequired", 403)
    assert client("iam", credentials=credentials).list_account_aliases()["AccountAliases"] == []

    readiness.account_created(account_id, time.monotonic() - 46)
    assert cloudformation.describe_stacks()["Stacks"] == []


def test_the_root_who_sets_up_does_not_wait(
    client: Callable[..., Any], organizations: Any, member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "1")
    readiness.account_created(member, time.monotonic())
    assert client("cloudformation", member).describe_stacks()["Stacks"] == []
