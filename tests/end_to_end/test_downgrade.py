"""The downgrade of the access role, alone and as a step, against roles that somebody has changed.

Also: a request that is refused changes nothing about an account that is well.
"""

import json

import pytest

ACCESS_ROLE = "MeshstackAccountAccessRole"
MINIMUM_POLICY = "MeshstackAccountAccessPolicy"
ADMINISTRATION = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
STATEMENTS = {"standard": 3, "strict": 3, "self-upgradable": 4}


def vend(meshstack, operator, payload):
    """Calls the entry point and waits for the end of the execution, which must be success."""
    answer = meshstack.invoke(payload)
    assert answer["status"] == "started", answer
    execution = operator.wait_for_end(answer["executionArn"])
    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    return json.loads(execution["output"])


def refused(meshstack, operator, payload):
    """Calls the entry point and waits for the end of the execution, which must be failure."""
    execution = operator.wait_for_end(meshstack.invoke(payload)["executionArn"])
    assert execution["status"] == "FAILED", execution
    return execution


def minimum(operator, account):
    """The minimum policy, which must be the only policy of the access role."""
    policies = operator.role_policies(account["Id"], ACCESS_ROLE)
    assert policies["inline"].keys() == {MINIMUM_POLICY}
    assert policies["attached"] == []
    return policies["inline"][MINIMUM_POLICY]


def actions(document):
    """Every action that a policy allows."""
    return {action for statement in document["Statement"] for action in statement["Action"]}


@pytest.fixture
def iam(environment):
    """IAM of an account, as its root."""
    return lambda account: environment.root_client("iam", account["Id"])


def test_alone_every_key_besides_the_account_id_is_ignored(
    meshstack, operator, iam, make_account, project
):
    account = make_account()
    payload = meshstack.payload(account, "space", project)
    vend(meshstack, operator, payload)
    iam(account).attach_role_policy(RoleName=ACCESS_ROLE, PolicyArn=ADMINISTRATOR_ACCESS)

    answer = meshstack.invoke(
        {**payload, "Order": "4711", "Account": {"Id": 1}, "Execution": None}, "PermissionDowngrade"
    )

    assert answer["body"] == "Successfully downgraded"
    assert answer["Changed"] == [f"detach managed policy {ADMINISTRATOR_ACCESS}"]
    minimum(operator, account)


def test_alone_a_narrower_policy_is_kept(
    meshstack, operator, local_aws, landing_zones, make_account, project
):
    strict = landing_zones.deploy("sandbox-strict", like="sandbox", downgrade="strict")
    account = make_account()
    payload = meshstack.payload(account, "space", project, LandingZone=strict)
    vend(meshstack, operator, payload)
    before = minimum(operator, account)
    assert "iam:CreateRole" not in actions(before)
    mark = local_aws.mark()

    answer = meshstack.invoke({"AccountId": account["Id"]}, "PermissionDowngrade")

    assert answer["Policy"] == "strict"
    assert answer["Changed"] == []
    assert minimum(operator, account) == before
    written = [call["action"] for call in local_aws.calls(mark) if call["action"].startswith("iam:Put")]
    assert written == []


def test_a_changed_minimum_is_put_back_alone_and_by_a_vend(
    meshstack, operator, iam, make_account, project
):
    account = make_account()
    payload = meshstack.payload(account, "space", project)
    vend(meshstack, operator, payload)
    before = minimum(operator, account)

    def change():
        iam(account).put_role_policy(
            RoleName=ACCESS_ROLE, PolicyName=MINIMUM_POLICY, PolicyDocument=json.dumps(ADMINISTRATION)
        )
        assert minimum(operator, account) == ADMINISTRATION

    change()
    answer = meshstack.invoke({"AccountId": account["Id"]}, "PermissionDowngrade")
    assert answer["Found"]["Minimum"] == "other"
    assert answer["Changed"] == [f"put inline policy {MINIMUM_POLICY}, which was different"]
    assert minimum(operator, account) == before

    change()
    vend(meshstack, operator, {**payload, "Force": "true"})
    assert minimum(operator, account) == before


def test_administrator_access_that_was_attached_before_the_vend_is_detached(
    meshstack, operator, iam, make_account, project
):
    account = make_account()
    iam(account).attach_role_policy(RoleName=ACCESS_ROLE, PolicyArn=ADMINISTRATOR_ACCESS)

    vend(meshstack, operator, meshstack.payload(account, "space", project))

    assert len(minimum(operator, account)["Statement"]) == STATEMENTS["standard"]


def test_a_landing_zone_may_leave_the_role_the_right_to_upgrade_itself(
    meshstack, operator, environment, make_account, project
):
    ssm = environment.root_client("ssm", environment.automation_account_id)
    sandbox = ssm.get_parameter(Name="/avm/landing-zones/sandbox")["Parameter"]["Value"]
    ssm.put_parameter(
        Name="/avm/landing-zones/upgradable",
        Type="String",
        Value=json.dumps({**json.loads(sandbox), "downgrade": "self-upgradable"}),
    )
    account = make_account()

    vend(meshstack, operator, meshstack.payload(account, "space", project, LandingZone="upgradable"))

    document = minimum(operator, account)
    assert len(document["Statement"]) == STATEMENTS["self-upgradable"]
    assert document["Statement"][3]["Resource"] == f"arn:aws:iam::{account['Id']}:role/{ACCESS_ROLE}"
    assert "iam:PutRolePolicy" in document["Statement"][3]["Action"]


def test_a_landing_zone_that_is_changed_narrows_the_role_at_the_next_vend(
    meshstack, operator, landing_zones, make_account, project
):
    strict = landing_zones.deploy("sandbox-strict", like="sandbox", downgrade="strict")
    loose = landing_zones.deploy(f"loose-{project}", like="sandbox")
    account = make_account()
    vend(meshstack, operator, meshstack.payload(account, "space", project, LandingZone=loose))
    assert "iam:CreateRole" in actions(minimum(operator, account))
    changed = meshstack.payload(account, "space", project, LandingZone=strict)
    assert refused(meshstack, operator, changed)["error"] == "LandingZoneNotAllowed"

    landing_zones.deploy(loose, like=loose, mayBecome={strict: {}})
    vend(meshstack, operator, changed)

    assert "iam:CreateRole" not in actions(minimum(operator, account))


def test_a_mistyped_account_name_takes_nothing_away_from_a_vended_account(
    meshstack, operator, make_account, project
):
    account = make_account()
    vend(meshstack, operator, meshstack.payload(account, "space", project))
    before = meshstack.tags(account["Id"])
    assert before["ProductName"] == before["avm:workspace"] == "space"
    assert before["Stage"] == before["avm:project"] == project

    vend(meshstack, operator, meshstack.payload({**account, "Name": "mistyped"}, "space", project))

    # The account is ours by its id and its tags; the name is what AWS Organizations has.
    after = meshstack.tags(account["Id"])
    of_the_vend = {"avm:completed-at", "avm:execution"}
    assert {key: after[key] for key in after.keys() - of_the_vend} == {
        key: before[key] for key in before.keys() - of_the_vend
    }


def test_a_failed_change_keeps_the_tags_that_say_whose_the_account_is(
    meshstack, operator, local_aws, make_account, project
):
    account = make_account()
    payload = meshstack.payload(account, "space", project)
    vend(meshstack, operator, payload)
    local_aws.inject(
        code="InvalidInput",
        status=400,
        service="iam",
        action="ListRolePolicies",
        principal=f"{account['Id']}:role/PermissionDowngradeLambdaExecutionRole",
    )

    refused(meshstack, operator, {**payload, "Force": "true"})

    tags = meshstack.tags(account["Id"])
    assert not {"ProductName", "Stage"} & tags.keys()
    assert (tags["avm:workspace"], tags["avm:project"]) == ("space", project)
