"""Every expression of the definitions, in the local engine and in the reference of the language."""

import pytest

import jsonata_reference
from local_aws.paths import REPOSITORY
from local_aws.services.stepfunctions.operations.recording import Evaluation

DEFINITIONS = sorted((REPOSITORY / "statemachine").glob("*.asl.json"))
EXPRESSIONS = {text: name.name for name in DEFINITIONS for text in jsonata_reference.expressions(name)}
EVALUATIONS_OF_EACH = 40

pytestmark = pytest.mark.source("npm's jsonata 2.2.2, which the authors of the language publish")


def test_all_expressions_evaluate_alike_whatever_stands_in_their_variables() -> None:
    assert len(EXPRESSIONS) > 80
    evaluations = [one for text in EXPRESSIONS for one in jsonata_reference.made_up(text, EVALUATIONS_OF_EACH)]
    found = jsonata_reference.differences(evaluations)
    assert [str(one) for one in found] == []


def test_a_difference_is_seen() -> None:
    # $uuid is in the one engine only.
    (found,) = jsonata_reference.differences([Evaluation("1", {}), Evaluation("$uuid()", {})])
    assert found.evaluation.expression == "$uuid()"
