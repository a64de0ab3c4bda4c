"""`python -m local_aws accounts`: sets up the three standing accounts on a local AWS of its own, with all optional parts.

Shows what each account then has, and the command that does the same on the real AWS.
"""

from collections.abc import Callable

from local_aws.deploy.accounts import make_accounts, root_client
from local_aws.deploy import external_ids
from local_aws.deploy.deployment import parameters
from local_aws.deploy.stacks import parameter_values, read_template
from local_aws.deploy.standing_accounts import (
    StandingStack,
    deploy_standing_accounts,
    optional_parts,
)

KINDS = {"AWS::IAM::User": "user", "AWS::IAM::Role": "role"}

Say = Callable[[str], None]


def set_up(say: Say) -> None:
    """Makes the accounts, deploys their templates and shows them; raises DeploymentError."""
    accounts = make_accounts()
    made = external_ids.make_external_ids(accounts)
    say(f"\nautomation account {accounts.automation}: {external_ids.TEMPLATE}")
    for parameter, name in external_ids.SECRETS.items():
        say(f"  secret {name}: {parameter}")
    say("  on AWS, with credentials of this account:")
    say(f"    aws cloudformation deploy --stack-name {external_ids.STACK} --template-file {external_ids.TEMPLATE}")
    for parameter, name in external_ids.SECRETS.items():
        read = f"aws secretsmanager get-secret-value --secret-id {name} --query SecretString --output text"
        say(f"    {_variable(parameter)}=$({read})")
    known = {**parameters(accounts, made), **optional_parts(accounts)}
    for stack, outputs in deploy_standing_accounts(accounts, known):
        say(f"\n{stack.account} account {stack.account_id}: templates/{stack.template.name}")
        _show_identities(stack, say)
        for name, value in outputs.items():
            say(f"  output {name} = {value}")
        say("  on AWS, with credentials of this account:")
        say(f"    {command(stack, known)}")
    say("\nThen the AVM itself: sam deploy, and templates/vending-roles.yaml (docs/DEPLOY.md).")


def _variable(parameter: str) -> str:
    """The variable of the shell that holds an ExternalId."""
    name = external_ids.SECRETS[parameter].rsplit("/", 1)[1]
    return f"{name.upper().replace('-', '_')}_ID"


def _show_identities(stack: StandingStack, say: Say) -> None:
    iam = root_client("iam", stack.account_id)
    cloudformation = root_client("cloudformation", stack.account_id)
    resources = cloudformation.describe_stack_resources(StackName=stack.name)["StackResources"]
    for resource in resources:
        kind, name = KINDS.get(resource["ResourceType"]), resource["PhysicalResourceId"]
        if kind == "user":
            policies = iam.list_user_policies(UserName=name)["PolicyNames"]
        elif kind == "role":
            policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
            attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
            policies += [policy["PolicyName"] for policy in attached]
        else:
            continue
        say(f"  {kind} {name}: {', '.join(sorted(policies))}")


def command(stack: StandingStack, known: dict[str, str]) -> str:
    """The command for the real AWS; ExternalIds are variables of the shell, never printed."""
    values = parameter_values(read_template(stack.template), known, stack.template)
    hidden = {name: f"${_variable(name)}" for name in external_ids.SECRETS if name in values}
    values = {**values, **hidden}
    overrides = " ".join(f"{name}={value}" for name, value in values.items())
    return (
        f"aws cloudformation deploy --stack-name {stack.name} --template-file templates/{stack.template.name}"
        f" --capabilities CAPABILITY_NAMED_IAM --parameter-overrides {overrides}"
    )
