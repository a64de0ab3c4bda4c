"""`avm bootstrap` where meshStack has been for years: its user and its roles are there, made by meshcloud's Terraform module.

What is there is used and stays as it is; run again, the command changes nothing.
"""

import json

from bootstrapping import IN_ORDER, avm, bootstrap, empty, environment, packaged, stacks_of  # noqa: F401

# As module 0.7.0 names them: the role of StackSets has another name than AWS's own.
ROLES = {"management": ["MeshfedServiceRole"], "automation": ["MeshfedAutomationRole", "MeshfedAutomationRole-AWSCloudFormationSSARole"]}
USER = "meshfed-service-user"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "organizations:*", "Resource": "*"}]}


def identities(environment):
    """What is there of meshStack: each role with its trust and its own policy, and the user's policies."""
    users = environment.root_client("iam", environment.meshcloud_account_id)
    found = {USER: users.list_user_policies(UserName=USER)["PolicyNames"]}
    for account, roles in ROLES.items():
        iam = environment.root_client("iam", getattr(environment, f"{account}_account_id"))
        for name in roles:
            role = iam.get_role(RoleName=name)["Role"]
            policy = iam.get_role_policy(RoleName=name, PolicyName="of-the-module")["PolicyDocument"]
            found[name] = (role["RoleId"], role["AssumeRolePolicyDocument"], policy)
    return found


def fill(environment):
    """What the module makes, as far as names are taken by it."""
    users = environment.root_client("iam", environment.meshcloud_account_id)
    user = users.create_user(UserName=USER)["User"]["Arn"]
    users.put_user_policy(UserName=USER, PolicyName="of-the-module", PolicyDocument=json.dumps(POLICY))
    statement = {"Effect": "Allow", "Principal": {"AWS": user}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": {"StringEquals": {"sts:ExternalId": "of-old"}}}]}
    for account, roles in ROLES.items():
        iam = environment.root_client("iam", getattr(environment, f"{account}_account_id"))
        for name in roles:
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
            iam.put_role_policy(RoleName=name, PolicyName="of-the-module", PolicyDocument=json.dumps(POLICY))


def test_what_the_terraform_module_has_made_is_used_and_stays(environment, bootstrap):  # noqa: F811
    fill(environment)
    before = identities(environment)
    code, rows, told = bootstrap("--yes")
    assert code == 0, told
    there = {what: row["is"] for what, row in rows.items() if row["is"] == "is there and stays as it is"}
    assert list(there) == [
        f"the user {USER} of the meshcloud account",
        "the role MeshfedServiceRole of the management account",
        "the role MeshfedAutomationRole of the automation account",
    ]
    deployed = [name for name in IN_ORDER if name != "avm-meshcloud"]
    assert [name for name in rows if name in IN_ORDER] == deployed
    assert {rows[name]["is"] for name in deployed} == {"created"}
    assert identities(environment) == before
    # The role of StackSets has AWS's own name here: accounts that the machine vends trust that one.
    iam = environment.root_client("iam", environment.automation_account_id)
    assert iam.get_role(RoleName="AWSCloudFormationStackSetAdministrationRole")

    stacks = stacks_of(environment)
    code, rows, told = bootstrap("--yes")
    assert code == 0, told
    assert {rows[name]["is"] for name in deployed} == {"no changes"}
    assert (stacks_of(environment), identities(environment)) == (stacks, before)
