"""Reads the reports of the metering as anybody would: pointer, manifest, documents, each against its digest.

And plays who starts it: the schedule, or an operator. Only helpers.
"""

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from meshstack_client import LocalEnvironment

FUNCTION = "avm-metering"
CHARGEBACK = ("upfrontPayment", "upfrontDiscount")


@dataclass(frozen=True)
class Month:
    """A month as its pointer tells it, whole."""

    pointer: dict[str, Any]
    manifest: dict[str, Any]
    reports: dict[str, dict[str, Any]]
    rows: list[dict[str, str]]

    def lines(self) -> list[dict[str, Any]]:
        """The lines of all accounts."""
        return [line for report in self.reports.values() for line in report["lines"]]

    def total(self, amount: str = "amount") -> Decimal:
        """The sum of all lines."""
        return sum((Decimal(line[amount]) for line in self.lines()), Decimal(0))

    def of_type(self, record_type: str, amount: str) -> Decimal:
        """The sum of AWS's own lines of one record type."""
        lines = [line for line in self.lines() if line["kind"] not in CHARGEBACK]
        return sum((Decimal(line[amount]) for line in lines if line.get("recordType") == record_type), Decimal(0))

    def column(self, name: str) -> Decimal:
        """The sum of a column of the CSV."""
        return sum((Decimal(row[name] or "0") for row in self.rows), Decimal(0))


class Metering:
    """The deployed function, and its bucket."""

    def __init__(self, environment: LocalEnvironment) -> None:
        account = environment.automation_account_id
        self._lambda = environment.root_client("lambda", account)
        self._s3 = environment.root_client("s3", account)
        ssm = environment.root_client("ssm", account)
        self.bucket = str(ssm.get_parameter(Name="/avm/metering/bucket")["Parameter"]["Value"])

    def run(self, event: dict[str, Any] | None = None) -> dict[str, Any]:
        """What a run answers, or its error with `errorType`."""
        answer = self._lambda.invoke(FunctionName=FUNCTION, Payload=json.dumps(event or {}))
        return dict(json.loads(answer["Payload"].read()))

    def text(self, key: str) -> bytes | None:
        """An object; None where there is none."""
        try:
            return bytes(self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise

    def keys(self) -> list[str]:
        """The keys of all objects."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]

    def month(self, month: str) -> Month | None:
        """A month as a reader finds it: the final one, else the estimated one; fails where a document is not whole."""
        pointer = self.text(f"current/final/{month}.json") or self.text(f"current/estimated/{month}.json")
        if pointer is None:
            return None
        told = json.loads(pointer)
        manifest = json.loads(self._whole(told["manifest"], told["sha256"]))
        prefix = told["manifest"].removesuffix("organization.json")
        reports = {
            account: json.loads(self._whole(f"{prefix}accounts/{account}.json", entry["sha256"]))
            for account, entry in manifest["accounts"].items()
        }
        lines = self._whole(f"{prefix}lines.csv", manifest["csvSha256"]).decode()
        return Month(told, manifest, reports, list(csv.DictReader(io.StringIO(lines))))

    def _whole(self, key: str, digest: str) -> bytes:
        found = self.text(key)
        assert found is not None, f"{key} is missing"
        assert hashlib.sha256(found).hexdigest() == digest, f"{key} is another one"
        return found
