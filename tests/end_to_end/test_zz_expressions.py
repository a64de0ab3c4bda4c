"""Every expression that the executions of this run have evaluated, anew in the reference of the language.

Its name puts it after the tests whose vends it looks at; it fails when it saw none.
"""

import jsonata_reference
import pytest
from local_aws.services.stepfunctions.operations import recording

pytestmark = pytest.mark.usefixtures("everything_else")


def test_the_reference_evaluates_all_expressions_of_the_run_alike(meshstack, operator, project, expressions_folder):
    execution = meshstack.request({"ProductName": "space", "Stage": project})["executionArn"]
    assert operator.wait_for_end(execution)["status"] == "SUCCEEDED"

    evaluations = recording.kept(expressions_folder)
    assert len({one.expression for one in evaluations}) > 40
    assert [str(one) for one in jsonata_reference.differences(evaluations)] == []
