"""What a finding is, what is not, and what was not looked up, from the answers of the three tools."""

import re

from advisories import REPOSITORY, UNREACHED, npm, python, python_groups, rust

KNOWN = {"id": "PYSEC-2026-1", "fix_versions": ["2.1"], "aliases": [], "description": ""}


def test_a_database_of_rust_that_is_not_reached_is_no_clean_one():
    assert rust(0, "advisories ok").unchecked == ""
    assert rust(1, "[ERROR] failed to fetch advisory database https://example.org").unchecked == UNREACHED
    assert rust(1, "error[unsound]: Potential unaligned read").findings
    assert rust(101, "").findings


def test_a_package_that_is_vulnerable_is_found_among_those_that_were_not_looked_up():
    report = {
        "dependencies": [
            {"name": "a", "version": "1", "vulns": []},
            {"name": "b", "version": "2", "vulns": [KNOWN]},
            {"name": "c", "skip_reason": "not found"},
        ]
    }
    verdict = python("lock", report, "")
    assert verdict.findings == ("b 2: PYSEC-2026-1, repaired in 2.1",)
    assert verdict.unchecked == "the database does not know c"


def test_a_file_of_which_nothing_was_looked_up_is_not_checked():
    skipped = {"dependencies": [{"name": "a", "skip_reason": "not found"}]}
    assert python("lock", skipped, "").unchecked == UNREACHED
    assert python("lock", None, "requests.exceptions.ProxyError: …").unchecked == UNREACHED
    assert python("lock", None, "unknown option").findings == ("unknown option",)
    clean = python("lock", {"dependencies": [{"name": "a", "version": "1", "vulns": []}]}, "")
    assert (clean.findings, clean.unchecked) == ((), "")


def test_npm_tells_its_report_from_an_error():
    assert npm({"message": "405 Method Not Allowed"}).unchecked == UNREACHED
    assert npm(None).unchecked == UNREACHED
    assert npm({"vulnerabilities": {"left-pad": {"severity": "high"}}}).findings == ("left-pad: high",)
    assert npm({"vulnerabilities": {}}).unchecked == ""


def test_the_makefile_writes_a_file_of_each_group_of_the_lock():
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    written = re.search(r"^LOCKED_GROUPS := .*,([a-z ]+)\)$", makefile, re.MULTILINE)
    assert written
    assert sorted(written[1].split()) == sorted(python_groups())


def test_the_lock_says_what_and_not_from_where():
    lock = (REPOSITORY / "local" / "uv.lock").read_text("utf-8")
    assert "://" not in lock
    files = re.findall(r"\{ url = .*", lock)
    assert len(files) > 1000
    assert all('hash = "sha256:' in file for file in files)
