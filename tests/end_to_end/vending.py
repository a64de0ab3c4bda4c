"""What tests of vends have in common: a vend to its end, and what the audit says about it.

Only helpers: fixtures are in `conftest.py`.
"""

import json
from pathlib import Path
from typing import Any

from meshstack_client import MeshStack, Operator

READING = ("Get", "List", "Describe", "Search", "AssumeRole", "StartExecution", "Invoke", "Is")


def run(meshstack: MeshStack, operator: Operator, payload: dict[str, Any]) -> dict[str, Any]:
    """Calls the entry point and returns the execution at its end."""
    answer = meshstack.invoke(payload)
    assert answer["status"] == "started", answer
    return operator.wait_for_end(answer["executionArn"])


def vend(meshstack: MeshStack, operator: Operator, payload: dict[str, Any]) -> dict[str, Any]:
    """The output of an execution that must end with success."""
    execution = run(meshstack, operator, payload)
    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    return dict(json.loads(execution["output"]))


def fail(meshstack: MeshStack, operator: Operator, payload: dict[str, Any]) -> dict[str, Any]:
    """An execution that must end with failure."""
    execution = run(meshstack, operator, payload)
    assert execution["status"] == "FAILED", execution
    return execution


def by_roles(calls: list[dict[str, Any]], service: str = "") -> list[dict[str, Any]]:
    """The calls that a role has made, of one service or of all; SCIM knows no roles, its calls are the AVM's, too."""
    return [
        call
        for call in calls
        if ("role/" in (call["principal"] or "") or call["service"] == "scim") and call["action"].startswith(service and f"{service}:")
    ]


def writes(calls: list[dict[str, Any]], service: str = "") -> list[str]:
    """What roles have changed, in its order."""
    actions = [call["action"] for call in by_roles(calls, service)]
    return [action for action in actions if not action.split(":")[1].startswith(READING)]


def errors_of(calls: list[dict[str, Any]], action: str) -> list[str | None]:
    """How each call of an action by a role has ended: None is success."""
    return [call["error"] for call in by_roles(calls) if call["action"] == action]


def refused(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The calls of roles that were not allowed."""
    denials = ("AccessDenied", "UnauthorizedOperation", "AuthFailure")
    return [call for call in by_roles(calls) if (call["error"] or "").startswith(denials)]


def faults_met(calls: list[dict[str, Any]]) -> list[str]:
    """The calls that met a fault that the test had asked for."""
    return [call["action"] for call in calls if call["injected"]]


def logged(folder: Path) -> str:
    """Everything that the functions and the local AWS have logged."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return "".join(path.read_text(encoding="utf-8", errors="replace") for path in files)
