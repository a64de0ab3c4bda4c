"""Compares the JSONata of the local AWS with the reference of the language, npm's jsonata, which tests/asl has.

Two implementations by different people: where they agree on an expression of the machine, AWS's is likely to agree, too.
"""

import json
import random
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.paths import REPOSITORY
from local_aws.services.stepfunctions.operations import jsonata
from local_aws.services.stepfunctions.operations.recording import Evaluation

EVALUATOR = REPOSITORY / "tests" / "asl" / "evaluate.mjs"
_VARIABLE = re.compile(r"\$(?P<name>[A-Za-z]\w*)(?P<path>(?:\.[A-Za-z]\w*)*)(?!\w|\()")
_ABSENT = object()
# What may stand where an expression reads something: of every type, and what the definitions compare with.
_VALUES: list[Any] = [
    _ABSENT, None, True, False, 0, 7, 2.5, "", "DONE", "none", "text with 'quotes' and \"others\"", "States.Timeout",
    "Step failed: ada@example.com said no", [], ["one"], ["one", "two"], {}, {"Name": "a", "Region": "b"},
    [{"Name": "a", "Plan": {"IsEmpty": True}}], [{"Name": "a"}, {"Name": "b", "Plan": {"IsEmpty": False}}],
]  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """What the two have made of an evaluation."""

    evaluation: Evaluation
    here: Any
    reference: Any

    def __str__(self) -> str:
        return f"{self.evaluation.expression}\n  here: {self.here}\n  reference: {self.reference}"


def expressions(definition: Path) -> list[str]:
    """All expressions of a definition, each once."""

    def found(value: Any) -> Iterator[str]:
        if isinstance(value, dict | list):
            for item in value.values() if isinstance(value, dict) else value:
                yield from found(item)
        elif isinstance(value, str) and value.startswith("{%"):
            yield value.removeprefix("{%").removesuffix("%}").strip()

    return list(dict.fromkeys(found(json.loads(definition.read_text("utf-8")))))


def made_up(expression: str, count: int) -> list[Evaluation]:
    """Evaluations with whatever could stand where the expression reads something; the same ones each time."""
    chance = random.Random(expression)
    paths = [(match["name"], *match["path"].split(".")[1:]) for match in _VARIABLE.finditer(expression)]
    return [Evaluation(expression, _bindings(paths, chance)) for _ in range(count)]


def _bindings(paths: list[tuple[str, ...]], chance: random.Random) -> dict[str, Any]:
    bindings: dict[str, Any] = {}
    # The longest first: what is a part of them stays an object.
    for path in sorted(paths, key=len, reverse=True):
        value = chance.choice(_VALUES)
        place = bindings
        for name in path[:-1]:
            place = place.setdefault(name, {}) if isinstance(place.get(name, {}), dict) else {}
        if path[-1] not in place and (value is not _ABSENT or len(path) == 1):
            place[path[-1]] = None if value is _ABSENT else value
    return bindings


def differences(evaluations: list[Evaluation]) -> list[Difference]:
    """The evaluations on which the two do not agree."""
    theirs = _reference(evaluations)
    compared = ((one, _here(one), answer) for one, answer in zip(evaluations, theirs, strict=True))
    return [Difference(one, here, there) for one, here, there in compared if not _agree(here, there)]


def _agree(here: dict[str, Any], there: dict[str, Any]) -> bool:
    """Undefined or an error is the same to Step Functions, States.QueryEvaluationError, but for the words."""
    return ("value" in here) == ("value" in there) and here.get("value") == there.get("value")


def _here(evaluation: Evaluation) -> dict[str, Any]:
    # What chance gives is no difference.
    expression = evaluation.expression.replace("$random()", "0.5")
    try:
        return {"value": jsonata.evaluate(expression, evaluation.bindings)}
    except jsonata.UndefinedResult:
        return {"undefined": True}
    except Exception as problem:
        return {"error": str(problem)}


def _reference(evaluations: list[Evaluation]) -> list[dict[str, Any]]:
    lines = "".join(
        json.dumps({"expression": one.expression, "bindings": one.bindings}) + "\n" for one in evaluations
    )
    ended = subprocess.run(["node", EVALUATOR], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in ended.stdout.splitlines()]
