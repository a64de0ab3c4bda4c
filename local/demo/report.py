"""What the demo prints: the steps as they happen, and the account that came out of them.

Colour only where the output is a terminal.
"""

import json
import sys
from datetime import datetime
from typing import Any

from meshstack_client import Inventory, Operator

_COLOUR = sys.stdout.isatty()
_SHOWN_STATES = (
    "TaskStateEntered",
    "MapStateEntered",
    "ParallelStateEntered",
    "WaitStateEntered",
    "SucceedStateEntered",
)


def heading(words: str) -> None:
    """A line that begins a part."""
    print(f"\n\033[1m{words}\033[0m" if _COLOUR else f"\n== {words}", flush=True)


def line(label: str, value: object) -> None:
    """A labelled value."""
    print(f"  {label:<18} {value}", flush=True)


def follow(operator: Operator, execution_arn: str) -> None:
    """Prints each state as it is entered, with the seconds since the start; raises when the vend fails."""
    start: datetime | None = None
    for event in operator.follow(execution_arn):
        start = start or event["timestamp"]
        words = _words(event)
        if words:
            print(f"  {(event['timestamp'] - start).total_seconds():7.2f} s  {words}", flush=True)
    status = operator.wait_for_end(execution_arn)["status"]
    if status != "SUCCEEDED":
        raise SystemExit(f"the vend ended as {status}: see above")


def _words(event: dict[str, Any]) -> str | None:
    kind = event["type"]
    if kind in _SHOWN_STATES:
        return event["stateEnteredEventDetails"]["name"]
    if kind == "TaskFailed":
        return f"    {event['taskFailedEventDetails']['error']}: retried, or the failure below"
    if kind == "ExecutionSucceeded":
        return "done"
    if kind in ("ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"):
        details = event.get("executionFailedEventDetails", {})
        return f"{kind}: {details.get('error')}: {details.get('cause')}"
    return None


def policies(title: str, found: dict[str, Any]) -> None:
    """The policies of the access role, each inline one with the actions that it allows."""
    print(f"  {title}")
    for name, document in found["inline"].items():
        print(f"    inline   {name}: {', '.join(_actions(document))}")
    for arn in found["attached"]:
        print(f"    attached {arn}")


def _actions(document: dict[str, Any]) -> list[str]:
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    actions = []
    for statement in statements:
        action = statement["Action"]
        actions += action if isinstance(action, list) else [action]
    return actions


def account(operator: Operator, found: dict[str, Any], tags: dict[str, str]) -> None:
    """The account as it is now: organizational unit, stacks, stack instances, tags."""
    line("account", f"{found['Id']}  {found['Name']}")
    line("organizational unit", operator.organizational_unit_path(found["Id"]))
    for name, status in sorted(operator.stacks(found["Id"]).items()):
        line("stack", f"{name}  {status}")
    for name, instance in operator.stack_instances(found["Id"]).items():
        detailed = instance.get("StackInstanceStatus", {}).get("DetailedStatus", "")
        line("stack instance", f"{name}  {instance['Region']}  {instance['Status']} {detailed}")
    for key, value in sorted(tags.items()):
        line("tag", f"{key} = {value}")


def inventory(found: Inventory) -> None:
    """What a landing zone may add: enrollment, alias, single sign-on, SAML provider, contacts, regions, networks."""
    line("Control Tower", found.enrollment())
    line("alias", found.alias())
    for group, permission_set in sorted(found.assignments()):
        members = found.members(group) or set()
        line("single sign-on", f"{group}  {permission_set}  {len(members)} members")
    for name in sorted(found.saml_providers()):
        line("SAML provider", name)
    for role, attached in sorted(found.roles_by_saml().items()):
        line("role by SAML", f"{role}  {', '.join(attached)}")
    for kind in ("BILLING", "OPERATIONS", "SECURITY"):
        contact = found.contact(kind)
        line("contact", f"{kind.lower()}  {contact['Name'] if contact else '-'}")
    line("region", f"eu-south-1  {found.region('eu-south-1')}")
    line("default VPCs", ", ".join(found.default_vpcs()) or "none")


def answer(body: dict[str, Any]) -> None:
    """The answer of the entry point."""
    print(f"  AVMEntryPoint answers {json.dumps(body)}", flush=True)
