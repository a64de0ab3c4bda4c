"""Secrets Manager, held to botocore's model of DescribeSecret: what the local AWS corrects in moto."""

from collections.abc import Callable
from typing import Any


def test_a_secret_tells_the_stages_of_its_versions(client: Callable[..., Any]) -> None:
    secrets = client("secretsmanager")
    made = secrets.create_secret(Name="described", SecretString="text")

    described = secrets.describe_secret(SecretId="described")

    assert described["VersionIdsToStages"] == {made["VersionId"]: ["AWSCURRENT"]}
