"""The proof of least privilege on records of a few lines: what is unused, what is missing, and what excuses either."""

import json
from pathlib import Path
from typing import Any

import pytest

from privileges import proof, record
from privileges.exceptions import GrantException
from privileges.proof import Proof, prove
from privileges.record import Record, Window

ACCOUNT = "222222222222"
HOLDER = "AVMAccountsRole"
READ = {"Sid": "Read", "Effect": "Allow", "Action": ["iam:GetRole"], "Resource": f"arn:aws:iam::{ACCOUNT}:role/*"}
AUDIT = "audit-1.log"
NOON = "2026-11-26T12:00:00.000+00:00"


@pytest.fixture(autouse=True)
def only_one_holder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The roles and the exceptions of the templates do not matter here."""
    monkeypatch.setattr(proof, "HOLDERS", frozenset({HOLDER}))
    monkeypatch.setattr(proof, "NOT_DEPLOYED", {})
    monkeypatch.setattr(proof, "EXCEPTIONS", ())


def line(action: str = "iam:GetRole", *grants: list[str], **changes: Any) -> dict[str, Any]:
    """A call of the audit."""
    need = {"action": action, "resource": f"arn:aws:iam::{ACCOUNT}:role/one", "grants": list(grants)}
    return {
        "time": NOON,
        "principal": f"arn:aws:iam::{ACCOUNT}:role/{HOLDER}",
        "session": "avm-1",
        "account": ACCOUNT,
        "action": action,
        "resources": [need["resource"]],
        "needs": [need],
        "error": None,
        "injected": False,
        **changes,
    }


def granted(statement: dict[str, Any], action: str | None = None) -> list[str]:
    return ["Policy", statement["Sid"], action or statement["Action"][0], statement["Resource"]]


def proved(
    folder: Path, statements: list[dict[str, Any]], *lines: dict[str, Any], provoked: tuple[Window, ...] = ()
) -> Proof:
    """What comes out for a role with these statements and these calls."""
    (folder / AUDIT).write_text("".join(json.dumps(one) + "\n" for one in lines))
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    holder = {"account": ACCOUNT, "kind": "role", "name": HOLDER, "policies": {"Policy": document}}
    return prove(Record(folder, [holder], provoked))


def test_a_grant_that_let_a_call_succeed_is_used(tmp_path: Path) -> None:
    found = proved(tmp_path, [READ], line("iam:GetRole", granted(READ)))
    assert found.holds
    (use,) = found.granted.values()
    assert (use.calls, use.example) == (1, "iam:GetRole arn:aws:iam::<own>:role/one")


@pytest.mark.parametrize(
    "changes", [{"error": "NoSuchEntity"}, {"session": "attacker"}, {"principal": f"arn:aws:iam::{ACCOUNT}:root"}]
)
def test_a_call_that_failed_or_was_somebody_elses_uses_nothing(tmp_path: Path, changes: dict[str, Any]) -> None:
    found = proved(tmp_path, [READ], line("iam:GetRole", granted(READ), **changes))
    assert [why for _, why in found.unused] == ["no call needed it"]


def test_each_resource_pattern_of_a_statement_is_a_grant(tmp_path: Path) -> None:
    two = {**READ, "Resource": [READ["Resource"], "arn:aws:iam::*:role/two"]}
    found = proved(tmp_path, [two], line("iam:GetRole", granted(READ)))
    assert [key.resource for key, _ in found.unused] == ["arn:aws:iam::*:role/two"]


def test_a_pattern_of_actions_says_which_actions_would_do(tmp_path: Path) -> None:
    wide = {**READ, "Action": ["iam:Get*"]}
    found = proved(tmp_path, [wide], line("iam:GetRole", granted(wide)))
    assert [why for _, why in found.unused] == ["a pattern of actions, of which iam:GetRole would do"]


def test_what_another_grant_allows_anyway_is_too_much(tmp_path: Path) -> None:
    again = {**READ, "Sid": "Again"}
    both = line("iam:GetRole", granted(READ), granted(again))
    found = proved(tmp_path, [READ, again], both, line("iam:GetRole", granted(READ)))
    assert [(key.statement, why) for key, why in found.unused] == [
        ("Again", "every call was allowed by another grant, too")
    ]


def test_a_refusal_that_no_test_wanted_is_a_missing_right(tmp_path: Path) -> None:
    refused = line("iam:CreateRole", error="AccessDenied")
    found = proved(tmp_path, [READ], line("iam:GetRole", granted(READ)), refused)
    assert [(lacking.action, lacking.why) for lacking in found.missing] == [("iam:CreateRole", "no policy allows it")]
    assert not found.holds


@pytest.mark.parametrize("window", [Window(AUDIT, NOON, NOON), Window(AUDIT, NOON, NOON, HOLDER, "iam:CreateRole")])
def test_a_refusal_that_a_test_wanted_is_none(tmp_path: Path, window: Window) -> None:
    refused = line("iam:CreateRole", error="AccessDenied")
    assert proved(tmp_path, [READ], line("iam:GetRole", granted(READ)), refused, provoked=(window,)).holds


@pytest.mark.parametrize(
    "window",
    [
        Window(AUDIT, NOON, NOON, HOLDER, "iam:DeleteRole"),
        Window(AUDIT, NOON[:11], NOON[:14]),
        Window("audit-2.log", NOON, NOON),
    ],
)
def test_a_test_that_wanted_another_refusal_excuses_none(tmp_path: Path, window: Window) -> None:
    refused = line("iam:CreateRole", error="AccessDenied")
    assert not proved(tmp_path, [READ], line("iam:GetRole", granted(READ)), refused, provoked=(window,)).holds


def test_a_role_that_was_not_ready_is_no_missing_trust_but_one_that_never_was_is(tmp_path: Path) -> None:
    assume = {"Sid": "In", "Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": "arn:aws:iam::*:role/one"}
    refused = line("sts:AssumeRole", granted(assume), error="AccessDenied")
    assert proved(tmp_path, [assume], refused, line("sts:AssumeRole", granted(assume))).holds
    found = proved(tmp_path, [assume], refused)
    assert [lacking.why for lacking in found.missing] == ["no trust lets it in, anywhere"]


def test_an_exception_excuses_what_is_unused_and_must_itself_be_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "EXCEPTIONS", (GrantException("because", HOLDER, "iam:Get*"),))
    assert proved(tmp_path, [READ]).holds
    found = proved(tmp_path, [READ], line("iam:GetRole", granted(READ)))
    assert [exception.reason for exception in found.stale] == ["because"]


def test_a_role_that_nobody_deployed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "HOLDERS", frozenset({HOLDER, "Absent"}))
    assert proved(tmp_path, [READ], line("iam:GetRole", granted(READ))).absent == ["Absent"]


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = Record(tmp_path, [{"name": HOLDER}], [Window(AUDIT, "a", "b", HOLDER, "iam:GetRole")])
    written.write()
    read = Record.read(tmp_path)
    assert (read.holders, read.provoked) == (written.holders, written.provoked)
    record.make_folder(tmp_path)
    with pytest.raises(FileNotFoundError):
        Record.read(tmp_path)


def test_the_windows_of_all_processes_are_kept_until_the_next_run(tmp_path: Path) -> None:
    windows = [Window(AUDIT, "a", "b", HOLDER, "iam:GetRole"), Window("audit-2.log", "c", "d")]
    record.provoke(tmp_path, windows[0])
    (tmp_path / "provoked-x.jsonl").write_text('["audit-2.log", "c", "d", "*", "*"]\n', encoding="utf-8")
    assert sorted(record.provoked(tmp_path), key=lambda window: window.start) == windows
    record.make_folder(tmp_path)
    assert record.provoked(tmp_path) == []


@pytest.mark.parametrize(
    ("session", "is_wanted"),
    [("avm-111111111111-2026-11-2", True), ("avm-access-stack", False), ("avm-222222222222-2026-11-1", False)],
)
def test_what_an_execution_is_refused_that_has_met_a_fault_is_the_faults_doing(
    tmp_path: Path, session: str, is_wanted: bool
) -> None:
    met = "avm-access-stack" if session == "avm-access-stack" else "avm-111111111111-2026-11-2"
    stale = line("iam:GetRole", granted(READ), session=met, fault="stale")
    refused = line("iam:CreateRole", error="AccessDenied", session=session)
    assert proved(tmp_path, [READ], stale, refused).holds is is_wanted
