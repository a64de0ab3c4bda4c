"""Looks back at everything that the other tests made the AVM do: rights, and what reached the logs.

Its name puts it last; it fails when it saw no vend.
"""

import re

EMAIL = re.compile(rb"[A-Za-z0-9._+-]+@example\.com")


def test_no_function_was_denied_what_its_step_calls(local_aws):
    calls = [call for call in local_aws.calls() if "role/AVM" in (call["principal"] or "")]
    assert len(calls) > 100
    denied = [call for call in calls if call["error"] in ("AccessDenied", "AccessDeniedException")]
    # A new account is not ready at once: its roles cannot be assumed. Refusals that tests ask for are known.
    unexpected = [
        call
        for call in denied
        if local_aws.is_unexpected(call) and call["action"] != "sts:AssumeRole"
    ]
    assert unexpected == []


def test_no_address_and_no_external_id_reached_a_log(environment, log_folder, audit_folder):
    logs = [*log_folder.glob("**/*.log"), *audit_folder.glob("*.log")]
    text = b"".join(log.read_bytes() for log in logs)
    assert b"create-account" in text
    assert EMAIL.findall(text) == []
    assert environment.external_id.encode() not in text
