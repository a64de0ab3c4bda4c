"""What meshStack does: it makes an account, calls `AVMEntryPoint`, and waits for the account's tags.

It acts as `meshfed-service-user`, through the two roles that this user may assume.
"""

import json
import time
from typing import Any

from .environment import LocalEnvironment

ACCOUNT_ACCESS_ROLE = "MeshstackAccountAccessRole"
# The request may be sent again: two names of the AVM that say so, and Lambda's for a function that ran out of time.
BUSY = ("ServiceUnavailable", "Throttled", "Sandbox.Timedout")


class FunctionError(Exception):
    """A function answered with an error: its `errorType` and `errorMessage`."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.name: str = answer.get("errorType", "")
        self.message: str = answer.get("errorMessage", "")
        super().__init__(f"{self.name}: {self.message}")


class MeshStack:
    """meshStack's replicator for one platform."""

    def __init__(self, environment: LocalEnvironment) -> None:
        self.environment = environment
        management = self.assume(environment.management_account_id, "MeshfedServiceRole")
        automation = self.assume(environment.automation_account_id, "MeshfedAutomationRole")
        self.organizations = environment.client("organizations", management)
        self.lambda_ = environment.client("lambda", automation)

    def assume(self, account_id: str, role: str) -> dict[str, str]:
        """Credentials of a role that trusts `meshfed-service-user` with the ExternalId."""
        answer = self.environment.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{account_id}:role/{role}",
            RoleSessionName="meshstack",
            ExternalId=self.environment.external_id,
        )
        return answer["Credentials"]

    def create_account(self, name: str, email: str, seconds: float = 60) -> dict[str, Any]:
        """Makes an account and waits until Organizations says that it is there."""
        status = self.organizations.create_account(
            AccountName=name, Email=email, RoleName=ACCOUNT_ACCESS_ROLE
        )["CreateAccountStatus"]
        deadline = time.monotonic() + seconds
        while status["State"] == "IN_PROGRESS":
            if time.monotonic() > deadline:
                raise TimeoutError(f"account {name} is not made after {seconds} s")
            time.sleep(0.05)
            status = self.organizations.describe_create_account_status(
                CreateAccountRequestId=status["Id"]
            )["CreateAccountStatus"]
        if status["State"] != "SUCCEEDED":
            raise RuntimeError(f"account {name}: {status.get('FailureReason')}")
        return self.organizations.describe_account(AccountId=status["AccountId"])["Account"]

    def payload(
        self, account: dict[str, Any], workspace: str, project: str, **more: str
    ) -> dict[str, str]:
        """The flat JSON object that meshStack sends for an account."""
        return {
            "AccountId": account["Id"],
            "AccountName": account["Name"],
            "AccountEmail": account["Email"],
            "AccountArn": account["Arn"],
            "ProductName": workspace,
            "Stage": project,
            "ContactEmail": "creator@example.com",
            "tagEnvironment": "dev",
            **more,
        }

    def invoke(self, payload: Any, function: str = "AVMEntryPoint") -> dict[str, Any]:
        """Invokes a function and returns its answer; raises FunctionError for a function error."""
        answer = self.lambda_.invoke(FunctionName=function, Payload=json.dumps(payload).encode())
        body = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            raise FunctionError(body)
        return body

    def request(self, payload: Any, seconds: float = 120) -> dict[str, Any]:
        """Sends a payload to `AVMEntryPoint`, and again for as long as AWS is too busy to take it."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self.invoke(payload)
            except FunctionError as error:
                if error.name not in BUSY or time.monotonic() > deadline:
                    raise
            except self.lambda_.exceptions.TooManyRequestsException:
                if time.monotonic() > deadline:
                    raise
            time.sleep(1)

    def tags(self, account_id: str) -> dict[str, str]:
        """The account's tags, by which meshStack sees that the vend is done."""
        pages = self.organizations.get_paginator("list_tags_for_resource").paginate(
            ResourceId=account_id
        )
        return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}

    def wait_for_completion(
        self, account_id: str, workspace: str, project: str, seconds: float = 60
    ) -> dict[str, str]:
        """Waits until the completion tags name workspace and project."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            tags = self.tags(account_id)
            if tags.get("ProductName") == workspace and tags.get("Stage") == project:
                return tags
            time.sleep(0.1)
        raise TimeoutError(f"account {account_id} has no completion tags after {seconds} s")
