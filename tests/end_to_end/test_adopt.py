"""`avm adopt`: an account that somebody else has made is told with all that is in its way, and a sound one is vended.

As an operator runs it, who is administrator of the management account and comes in by the access role.
"""

import json
import os
import subprocess

import pytest
from local_aws import paths
from platform_team import wait_until

ACCESS_ROLE = "MeshstackAccountAccessRole"
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]}
LONG = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": f"none:{'x' * 9700}", "Resource": "*"}]}


@pytest.fixture(scope="module")
def adopt(environment, tmp_path_factory):
    """Runs the command; its exit code, its answer, and what it tells."""
    iam = environment.root_client("iam", environment.management_account_id)
    iam.create_user(UserName="adopter")
    iam.attach_user_policy(UserName="adopter", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    key = iam.create_access_key(UserName="adopter")["AccessKey"]
    credentials = tmp_path_factory.mktemp("adopter") / "credentials"
    credentials.write_text(
        f"[management]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n"
    )
    variables = {
        **os.environ,
        **environment.root_variables(environment.automation_account_id),
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
    }

    def run(account, *more):
        words = ["adopt", account["Id"], "--management-profile", "management", "--workspace", "space", "--output", "json"]
        command = [str(paths.binary("avm")), *words, *more]
        ended = subprocess.run(command, env=variables, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        return ended.returncode, json.loads(ended.stdout or "[]"), ended.stderr

    yield run
    iam.delete_access_key(UserName="adopter", AccessKeyId=key["AccessKeyId"])
    iam.detach_user_policy(UserName="adopter", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.delete_user(UserName="adopter")


@pytest.fixture
def make_grown_up(adopt, make_account, project):
    """Makes accounts that AWS has finished with: the access role of a new one lets nobody in for a while."""

    def make():
        account = make_account()

        def lets_in():
            told = adopt(account, "--project", project, "--landing-zone", "sandbox", "--dry-run")[1]
            return "access role" not in [one["check"] for one in told]

        wait_until(lets_in)
        return account

    return make


def test_all_that_is_in_the_way_of_an_account_is_told_at_once(adopt, environment, operator, make_grown_up, project):
    account = make_grown_up()
    iam = environment.root_client("iam", account["Id"])
    for role in ("AWSCloudFormationStackSetExecutionRole", "OrganizationAccountAccessRole"):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName=ACCESS_ROLE, PolicyName="Old", PolicyDocument=json.dumps(LONG))
    tags = [{"Key": f"key{number}", "Value": "x"} for number in range(45)]
    operator.organizations.tag_resource(ResourceId=account["Id"], Tags=tags)

    code, told, _ = adopt(account, "--project", project, "--landing-zone", "sandbox", "--yes")
    assert code == 1
    in_the_way = [one for one in told if one["is"] == "by hand first"]
    assert [one["check"] for one in in_the_way] == ["tags", "role", "role", "inline policies"]
    assert all(one["remedy"] for one in in_the_way)
    pages = operator.organizations.get_paginator("list_tags_for_resource").paginate(ResourceId=account["Id"])
    assert [tag for page in pages for tag in page["Tags"] if not tag["Key"].startswith("key")] == []


def test_a_sound_account_is_vended_when_the_operator_agrees(adopt, operator, make_grown_up, project):
    account = make_grown_up()
    asked = ["--project", project, "--landing-zone", "sandbox"]
    code, told, _ = adopt(account, *asked, "--dry-run")
    assert code == 0 and {one["is"] for one in told} == {"would be done"}
    code, _, told = adopt(account, *asked)
    assert code == 2 and "Nobody can be asked without a terminal" in told

    code, told, words = adopt(account, *asked, "--yes")
    assert code == 0, words
    assert told[-1]["is"] == "started"
    ended = operator.wait_for_end(told[-1]["found"])
    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    # The roles and tags of the vend are in nobody's way.
    code, told, _ = adopt(account, *asked, "--yes")
    assert (code, told[-1]["is"]) == (0, "already done")
