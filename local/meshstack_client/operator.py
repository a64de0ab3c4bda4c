"""What an operator sees: executions with their steps, and an account from the inside.

It uses the roots of the local accounts, which exist on the local AWS only.
"""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from .environment import LocalEnvironment


class Operator:
    """Looks at everything and changes nothing."""

    def __init__(self, environment: LocalEnvironment) -> None:
        self.environment = environment
        self.states = environment.root_client("stepfunctions", environment.automation_account_id)
        self.organizations = environment.root_client(
            "organizations", environment.management_account_id
        )

    def wait_for_end(self, execution_arn: str, seconds: float = 90) -> dict[str, Any]:
        """The description of an execution once it has ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            execution = self.states.describe_execution(executionArn=execution_arn)
            if execution["status"] != "RUNNING":
                return execution
            time.sleep(0.05)
        raise TimeoutError(f"{execution_arn} still runs after {seconds} s")

    def events(self, execution_arn: str) -> list[dict[str, Any]]:
        """The history of an execution, from its start."""
        pages = self.states.get_paginator("get_execution_history").paginate(
            executionArn=execution_arn
        )
        return [event for page in pages for event in page["events"]]

    def follow(self, execution_arn: str, seconds: float = 90) -> Iterator[dict[str, Any]]:
        """The events of an execution as they happen, until it has ended."""
        shown, deadline = 0, time.monotonic() + seconds
        while True:
            status = self.states.describe_execution(executionArn=execution_arn)["status"]
            events = self.events(execution_arn)
            yield from events[shown:]
            shown = len(events)
            if status != "RUNNING":
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"{execution_arn} still runs after {seconds} s")
            time.sleep(0.05)

    def executions(self) -> list[dict[str, Any]]:
        """All executions of the state machine."""
        pages = self.states.get_paginator("list_executions").paginate(
            stateMachineArn=self.environment.state_machine_arn
        )
        return [execution for page in pages for execution in page["executions"]]

    def account_by_email(self, email: str) -> dict[str, Any] | None:
        """The account with that address."""
        pages = self.organizations.get_paginator("list_accounts").paginate()
        accounts = [account for page in pages for account in page["Accounts"]]
        found = [account for account in accounts if account["Email"].lower() == email.lower()]
        assert len(found) < 2, f"{len(found)} accounts with one address"
        return found[0] if found else None

    def organizational_unit_path(self, account_id: str) -> str:
        """The names from the root down to the account's unit, e.g. `/Workloads/Production`."""
        names, child = [], account_id
        while True:
            parent = self.organizations.list_parents(ChildId=child)["Parents"][0]
            if parent["Type"] == "ROOT":
                return "/" + "/".join(reversed(names))
            unit = self.organizations.describe_organizational_unit(
                OrganizationalUnitId=parent["Id"]
            )["OrganizationalUnit"]
            names.append(unit["Name"])
            child = parent["Id"]

    def stack_instances(self, account_id: str) -> dict[str, dict[str, Any]]:
        """The account's instance of each StackSet of the automation account."""
        client = self.environment.root_client(
            "cloudformation", self.environment.automation_account_id
        )
        instances = {}
        for stack_set in client.list_stack_sets(Status="ACTIVE")["Summaries"]:
            for summary in client.list_stack_instances(
                StackSetName=stack_set["StackSetName"], StackInstanceAccount=account_id
            )["Summaries"]:
                # One that goes meanwhile is none.
                with suppress(client.exceptions.StackInstanceNotFoundException):
                    instances[stack_set["StackSetName"]] = client.describe_stack_instance(
                        StackSetName=stack_set["StackSetName"],
                        StackInstanceAccount=account_id,
                        StackInstanceRegion=summary["Region"],
                    )["StackInstance"]
        return instances

    def stacks(self, account_id: str) -> dict[str, str]:
        """The stacks in an account, with their status."""
        client = self.environment.root_client("cloudformation", account_id)
        return {stack["StackName"]: stack["StackStatus"] for stack in client.describe_stacks()["Stacks"]}

    def role_policies(self, account_id: str, role: str) -> dict[str, Any]:
        """The policies of a role: inline ones with their documents, attached ones by ARN."""
        iam = self.environment.root_client("iam", account_id)
        inline = {
            name: _document(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
            for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
        }
        attached = [
            policy["PolicyArn"]
            for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        ]
        return {"inline": inline, "attached": attached}


def _document(document: Any) -> dict[str, Any]:
    return json.loads(document) if isinstance(document, str) else document
