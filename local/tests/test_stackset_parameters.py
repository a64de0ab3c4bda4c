"""Parameters and settings of StackSets and their instances: required, checked, kept, overridden, hidden."""

from typing import Any

import pytest
from cloudformation_support import NAMED, new_account, parameters, role, settled, template
from stackset_support import Administrator, message, refusal


def test_an_unknown_override_is_refused(administrator: Administrator) -> None:
    administrator.make_set()
    call = refusal(administrator.start, "create", new_account(), ParameterOverrides=parameters(Nothing="x"))
    assert call == ("ValidationError", 400)


def test_the_set_shows_its_parameters_without_secrets(administrator: Administrator) -> None:
    text = template({"S": {"Type": "String", "NoEcho": True}, "P": {"Type": "String", "Default": "d"}}, R=role())
    administrator.make_set(text, Parameters=parameters(S="hush"))
    found = administrator.api.describe_stack_set(StackSetName="set")["StackSet"]
    assert found["Parameters"] == parameters(S="****", P="d")
    assert found["Status"] == "ACTIVE"


def test_a_set_needs_a_value_for_every_parameter(administrator: Administrator) -> None:
    text = template({"P": {"Type": "String"}, "Q": {"Type": "String", "Default": ""}}, R=role({"Ref": "P"}))
    assert refusal(administrator.make_set, text) == ("ValidationError", 400)
    assert message(administrator.make_set, text) == "Parameters: [P] must have values"
    administrator.make_set(text, Parameters=parameters(P="x"))
    more = template({"P": {"Type": "String"}, "S": {"Type": "String"}}, R=role({"Ref": "P"}))
    update = {"StackSetName": "set", "TemplateBody": more, "Capabilities": NAMED}
    kept = {"ParameterKey": "P", "UsePreviousValue": True}
    assert message(administrator.api.update_stack_set, **update) == "Parameters: [P, S] must have values"
    administrator.api.update_stack_set(**update, Parameters=[kept, *parameters(S="y")])


def test_a_wrong_override_fails_the_instance(administrator: Administrator) -> None:
    text = template({"P": {"Type": "String", "Default": "a", "AllowedValues": ["a", "b"]}}, R=role({"Ref": "P"}))
    administrator.make_set(text)
    target = administrator.target()
    assert administrator.run("create", target, ParameterOverrides=parameters(P="c"))["Status"] == "FAILED"
    assert administrator.instance(target)["StatusReason"] == "Parameter 'P' must be one of AllowedValues"
    assert administrator.run("create", target, ParameterOverrides=parameters(P="b"))["Status"] == "SUCCEEDED"


def test_overrides_of_secrets_are_hidden(administrator: Administrator) -> None:
    text = template({"S": {"Type": "String", "NoEcho": True}}, R=role(Description={"Ref": "S"}))
    administrator.make_set(text, Parameters=parameters(S="of the set"))
    target = administrator.target()
    administrator.run("create", target, ParameterOverrides=parameters(S="of the instance"))
    assert administrator.instance(target)["ParameterOverrides"] == parameters(S="****")
    assert administrator.client("iam", target).get_role(RoleName="made")["Role"]["Description"] == "of the instance"


@pytest.mark.parametrize("active", ["true", False, None])
def test_cloudformation_makes_sets_with_their_settings(administrator: Administrator, active: Any) -> None:
    properties = {
        "StackSetName": "set",
        "PermissionModel": "SELF_MANAGED",
        "TemplateBody": template({"S": {"Type": "String", "NoEcho": "true"}}, R=role(Description={"Ref": "S"})),
        "Capabilities": NAMED,
        "Parameters": [{"ParameterKey": "S", "ParameterValue": {"Ref": "Secret"}}],
        **({} if active is None else {"ManagedExecution": {"Active": active}}),
    }
    text = template(
        {"Secret": {"Type": "String", "NoEcho": True}},
        Set={"Type": "AWS::CloudFormation::StackSet", "Properties": properties},
    )
    administrator.api.create_stack(StackName="sets", TemplateBody=text, Parameters=parameters(Secret="hush"))
    assert settled(administrator.api, "sets")["StackStatus"] == "CREATE_COMPLETE"
    found = administrator.api.describe_stack_set(StackSetName="set")["StackSet"]
    assert found["Parameters"] == parameters(S="****")
    assert found["ManagedExecution"] == {"Active": active == "true"}


def test_an_update_reaches_the_real_role(administrator: Administrator) -> None:
    administrator.make_set()
    target = administrator.target()
    administrator.run("create", target)
    administrator.run("update", target, ParameterOverrides=parameters(Bucket="s3:PutObject"))
    assert administrator.granted(target) == "s3:PutObject"
    assert administrator.instance(target)["ParameterOverrides"] == parameters(Bucket="s3:PutObject")


def test_overrides_are_kept_named_or_reset(administrator: Administrator) -> None:
    text = template(
        {"A": {"Type": "String", "Default": "a"}, "B": {"Type": "String", "Default": "b"}},
        R=role(Description={"Fn::Sub": "${A}${B}"}),
    )
    administrator.make_set(text)
    target = administrator.target()
    administrator.run("create", target, ParameterOverrides=parameters(A="1", B="2"))
    administrator.run("update", target)
    assert administrator.instance(target)["ParameterOverrides"] == parameters(A="1", B="2")
    administrator.run("update", target, ParameterOverrides=[])
    assert administrator.instance(target)["ParameterOverrides"] == parameters(A="1", B="2")
    kept = {"ParameterKey": "A", "UsePreviousValue": True}
    administrator.run("update", target, ParameterOverrides=[kept])
    assert administrator.instance(target)["ParameterOverrides"] == parameters(A="1")
    found = administrator.client("iam", target).get_role(RoleName="made")["Role"]
    assert found["Description"] == "1b"
