"""What a finding is, what is not, and what was not looked up, from the answers of the three tools."""

from advisories import UNREACHED, npm, python, rust

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
    verdict = python("requirements.txt", report, "")
    assert verdict.findings == ("b 2: PYSEC-2026-1, repaired in 2.1",)
    assert verdict.unchecked == "the database does not know c"


def test_a_file_of_which_nothing_was_looked_up_is_not_checked():
    skipped = {"dependencies": [{"name": "a", "skip_reason": "not found"}]}
    assert python("requirements.txt", skipped, "").unchecked == UNREACHED
    assert python("requirements.txt", None, "requests.exceptions.ProxyError: …").unchecked == UNREACHED
    assert python("requirements.txt", None, "unknown option").findings == ("unknown option",)
    clean = python("requirements.txt", {"dependencies": [{"name": "a", "version": "1", "vulns": []}]}, "")
    assert (clean.findings, clean.unchecked) == ((), "")


def test_npm_tells_its_report_from_an_error():
    assert npm({"message": "405 Method Not Allowed"}).unchecked == UNREACHED
    assert npm(None).unchecked == UNREACHED
    assert npm({"vulnerabilities": {"left-pad": {"severity": "high"}}}).findings == ("left-pad: high",)
    assert npm({"vulnerabilities": {}}).unchecked == ""
