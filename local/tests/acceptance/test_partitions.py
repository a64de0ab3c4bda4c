"""The partitions that the machine knows are those of botocore: their regions, the global one, and what endpoints end with.

The hosts of the sign-in are in botocore's endpoint rules of that service, all but China's, which the IAM User Guide has.
"""

import re
from pathlib import Path

import pytest
from botocore.loaders import Loader

SOURCE = Path(__file__).parents[3] / "shared/core/src/domain/region.rs"
TEXT = r'"([a-z0-9.-]*)",\s*'
ROW = re.compile(rf"of\(\s*{TEXT * 5}(?:true|false),?\s*\)")

pytestmark = pytest.mark.source("botocore partitions.json and the endpoint rules of signin")


def rows() -> list[tuple[str, str, str, str, str]]:
    return ROW.findall(SOURCE.read_text("utf-8"))


def partition_of(region: str) -> str:
    """The partition that the machine takes a region for: `aws` begins with nothing and is the last."""
    return next(name for name, begins, *_ in rows() if region.startswith(begins))


def test_each_partition_has_the_regions_and_the_endpoints_that_botocore_knows() -> None:
    known = Loader().load_data("partitions")["partitions"]
    assert {name: (region, suffix) for name, _, region, suffix, _ in rows()} == {
        partition["id"]: (partition["outputs"]["implicitGlobalRegion"], partition["outputs"]["dnsSuffix"])
        for partition in known
    }
    regions = {
        region: partition["id"]
        for partition in known
        for region in partition["regions"]
        if not region.endswith("-global")
    }
    assert {region: partition_of(region) for region in regions} == regions


def test_people_sign_in_where_botocore_signs_in() -> None:
    rules = str(Loader().load_service_model("signin", "endpoint-rule-set-1"))
    hosts = {name: sign_in for name, *_, sign_in in rows() if name != "aws-cn"}
    assert [name for name, host in hosts.items() if f"//{{Region}}.{host}" not in rules] == []
