"""The list of differences has facts that exist, each once, and a reason for each."""

import ast
from collections import Counter
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).parent

pytestmark = pytest.mark.source("this suite")


def test_each_difference_is_of_a_fact_and_has_a_reason() -> None:
    entries = yaml.safe_load((HERE / "differences.yaml").read_text("utf-8")) or []
    assert [entry for entry in entries if len(entry["reason"]) < 20] == []
    assert [fact for fact, count in Counter(entry["fact"] for entry in entries).items() if count > 1] == []
    facts = {
        f"{file.stem.removeprefix('test_')}: {node.name.removeprefix('test_')}"
        for file in HERE.glob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert {entry["fact"].split("[")[0] for entry in entries} - facts == set()
