"""Parallel states in JSONata: results, variables of branches, and a failure that names its step.

As the state machine of the AVM uses them.
"""

from typing import Any

STEPS = "/^(First|Second) failed: /"


def definition(second: dict[str, Any]) -> dict[str, Any]:
    """Two branches; the second is given."""
    cause = "$states.errorOutput.Cause"
    return {
        "QueryLanguage": "JSONata",
        "StartAt": "Prepare",
        "States": {
            "Prepare": {"Type": "Pass", "Assign": {"order": "{% $states.input %}"}, "Next": "Both"},
            "Both": {
                "Type": "Parallel",
                "Branches": [
                    {
                        "StartAt": "First",
                        "States": {
                            "First": {
                                "Type": "Pass",
                                "Assign": {"count": 1},
                                "Next": "Counted",
                            },
                            "Counted": {
                                "Type": "Pass",
                                "Output": {"First": "{% $order.name & $string($count) %}"},
                                "End": True,
                            },
                        },
                    },
                    {"StartAt": "Second", "States": {"Second": second}},
                ],
                "Assign": {"both": "{% $merge($states.result) %}"},
                "Catch": [
                    {
                        "ErrorEquals": ["States.ALL"],
                        "Assign": {
                            "failure": {
                                "Step": f"{{% $contains({cause}, {STEPS}) ? $substringBefore({cause}, ' failed: ') : 'Both' %}}",
                                "Error": "{% $states.errorOutput.Error %}",
                                "Cause": f"{{% $replace({cause}, {STEPS}, '') %}}",
                            }
                        },
                        "Next": "Failed",
                    }
                ],
                "Next": "Done",
            },
            "Done": {"Type": "Succeed", "Output": "{% $both %}"},
            "Failed": {
                "Type": "Fail",
                "Error": "{% $failure.Error %}",
                "Cause": "{% $failure.Step & '|' & $failure.Cause %}",
            },
        },
    }


def test_branches_see_outer_variables_and_their_results_are_merged(machine, run) -> None:
    second = {"Type": "Pass", "Output": {}, "End": True}
    execution = run(machine("parallel-merged", definition(second)), {"name": "x"})
    assert execution["status"] == "SUCCEEDED", execution
    assert execution["output"] == '{"First": "x1"}' or execution["output"] == '{"First":"x1"}'


def test_a_failing_branch_fails_the_state_under_its_own_error_and_cause(machine, run) -> None:
    second = {"Type": "Fail", "Error": "SomethingWrong", "Cause": "{% 'Second failed: ' & $order.name %}"}
    execution = run(machine("parallel-failed", definition(second)), {"name": "x"})
    assert execution["status"] == "FAILED", execution
    assert (execution["error"], execution["cause"]) == ("SomethingWrong", "Second|x")
