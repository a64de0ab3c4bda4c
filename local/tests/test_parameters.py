"""The Parameter Store: how long values may be, as the Systems Manager User Guide has it ("Managing parameter tiers")."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


def test_a_standard_parameter_has_four_kilobytes_and_an_advanced_one_eight(client: Callable[..., Any]) -> None:
    ssm = client("ssm")

    def put(length: int, tier: str) -> None:
        ssm.put_parameter(Name="/length", Type="String", Value="x" * length, Tier=tier, Overwrite=True)

    put(4096, "Standard")
    with pytest.raises(ClientError, match="Standard tier parameters support a maximum parameter value of 4096"):
        put(4097, "Standard")
    put(4096, "Intelligent-Tiering")
    assert ssm.describe_parameters()["Parameters"][0]["Tier"] == "Standard"
    put(4097, "Intelligent-Tiering")
    assert ssm.describe_parameters()["Parameters"][0]["Tier"] == "Advanced"
    with pytest.raises(ClientError, match="8192"):
        put(8193, "Intelligent-Tiering")
    with pytest.raises(ClientError, match="can't downgrade"):
        put(1, "Standard")
