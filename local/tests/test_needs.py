"""Which IAM actions on which resources a call needs."""

from collections.abc import Callable
from typing import Any

import pytest
from identity import STORE, new_group, new_user

from local_aws.enforcement.actions import needs_of
from local_aws.enforcement.calls import Call

ACCOUNT = "244444444444"
MANAGEMENT = "123456789012"


def needed(service: str, action: str, parameters: dict[str, Any], account_id: str = ACCOUNT) -> list[tuple[str, str]]:
    call = Call(service, action, "eu-central-1", "json", "key", None, parameters)
    return [(need.action, need.resource) for need in needs_of(call, account_id)]


MACHINE = f"arn:aws:states:eu-central-1:{ACCOUNT}:stateMachine:vend"
EXECUTION = f"arn:aws:states:eu-central-1:{ACCOUNT}:execution:vend:one"
FUNCTION = f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:one"
CATALOG = f"arn:aws:catalog:eu-central-1:{ACCOUNT}"
TOWER = f"arn:aws:controltower:eu-central-1:{ACCOUNT}"
BUDGET = f"arn:aws:budgets::{ACCOUNT}:budget/one"
TOPIC = f"arn:aws:sns:eu-central-1:{ACCOUNT}:topic"


@pytest.mark.parametrize(
    ("service", "action", "parameters", "expected"),
    [
        ("states", "StartExecution", {"stateMachineArn": MACHINE}, [("states:StartExecution", MACHINE)]),
        ("states", "DescribeExecution", {"executionArn": EXECUTION}, [("states:DescribeExecution", EXECUTION)]),
        ("lambda", "Invoke", {"FunctionName": "one"}, [("lambda:InvokeFunction", FUNCTION)]),
        ("lambda", "Invoke", {"FunctionName": FUNCTION}, [("lambda:InvokeFunction", FUNCTION)]),
        (
            "lambda",
            "Invoke",
            {"FunctionName": "one", "Qualifier": "live"},
            [("lambda:InvokeFunction", f"{FUNCTION}:live")],
        ),
        ("sns", "Publish", {"TopicArn": TOPIC}, [("sns:Publish", TOPIC)]),
        ("budgets", "DescribeBudget", {"BudgetName": "one"}, [("budgets:ViewBudget", BUDGET)]),
        ("budgets", "DescribeBudgets", {}, [("budgets:ViewBudget", "*")]),
        ("budgets", "CreateBudget", {"Budget": {"BudgetName": "one"}}, [("budgets:ModifyBudget", BUDGET)]),
        (
            "budgets",
            "CreateBudget",
            {"Budget": {"BudgetName": "one"}, "ResourceTags": [{"Key": "a", "Value": "b"}]},
            [("budgets:ModifyBudget", BUDGET), ("budgets:TagResource", BUDGET)],
        ),
        ("budgets", "UpdateBudget", {"NewBudget": {"BudgetName": "one"}}, [("budgets:ModifyBudget", BUDGET)]),
        ("budgets", "DeleteNotification", {"BudgetName": "one"}, [("budgets:ModifyBudget", BUDGET)]),
        ("budgets", "ListTagsForResource", {"ResourceARN": BUDGET}, [("budgets:ListTagsForResource", BUDGET)]),
        (
            "ssm",
            "GetParameter",
            {"Name": "/avm/platform"},
            [("ssm:GetParameter", f"arn:aws:ssm:eu-central-1:{ACCOUNT}:parameter/avm/platform")],
        ),
        (
            "ssm",
            "GetParameters",
            {"Names": ["a", "/b:3"]},
            [
                ("ssm:GetParameters", f"arn:aws:ssm:eu-central-1:{ACCOUNT}:parameter/a"),
                ("ssm:GetParameters", f"arn:aws:ssm:eu-central-1:{ACCOUNT}:parameter/b"),
            ],
        ),
        (
            "logs",
            "PutLogEvents",
            {"logGroupName": "/a", "logStreamName": "s"},
            [("logs:PutLogEvents", f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/a:log-stream:s")],
        ),
        (
            "cloudformation",
            "CreateStack",
            {"StackName": "meshstack-cf-access"},
            [
                (
                    "cloudformation:CreateStack",
                    f"arn:aws:cloudformation:eu-central-1:{ACCOUNT}:stack/meshstack-cf-access/*",
                )
            ],
        ),
        (
            "cloudformation",
            "CreateStackInstances",
            {"StackSetName": "avm-landing-zone", "Accounts": ["111111111111"], "Regions": ["eu-central-1"]},
            [
                (
                    "cloudformation:CreateStackInstances",
                    f"arn:aws:cloudformation:eu-central-1:{ACCOUNT}:{kind}",
                )
                for kind in ("stackset/avm-landing-zone:*", "stackset-target/avm-landing-zone:*/111111111111")
            ],
        ),
        ("cloudformation", "DescribeStacks", {}, [("cloudformation:DescribeStacks", "*")]),
        (
            "cloudformation",
            "CreateStackSet",
            {"StackSetName": "avm-landing-zone"},
            [("cloudformation:CreateStackSet", "*")],
        ),
        ("iam", "ListAccountAliases", {}, [("iam:ListAccountAliases", "*")]),
        (
            "iam",
            "AddUserToGroup",
            {"UserName": "u", "GroupName": "g"},
            [("iam:AddUserToGroup", f"arn:aws:iam::{ACCOUNT}:group/g")],
        ),
        (
            "iam",
            "CreatePolicy",
            {"PolicyName": "p", "Path": "/a/"},
            [("iam:CreatePolicy", f"arn:aws:iam::{ACCOUNT}:policy/a/p")],
        ),
        ("iam", "GetRole", {"RoleName": "a"}, [("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/a")]),
        (
            "iam",
            "CreateSAMLProvider",
            {"Name": "meshstack-saml-idp", "SAMLMetadataDocument": "<a/>"},
            [("iam:CreateSAMLProvider", f"arn:aws:iam::{ACCOUNT}:saml-provider/meshstack-saml-idp")],
        ),
        (
            "iam",
            "GetSAMLProvider",
            {"SAMLProviderArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/meshstack-saml-idp"},
            [("iam:GetSAMLProvider", f"arn:aws:iam::{ACCOUNT}:saml-provider/meshstack-saml-idp")],
        ),
        (
            "iam",
            "CreateRole",
            {"RoleName": "a", "Path": "/p/", "Tags": [{"Key": "k", "Value": "v"}]},
            [
                ("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/p/a"),
                ("iam:TagRole", f"arn:aws:iam::{ACCOUNT}:role/p/a"),
            ],
        ),
        (
            "states",
            "CreateStateMachine",
            {"name": "vend", "roleArn": f"arn:aws:iam::{ACCOUNT}:role/m"},
            [("states:CreateStateMachine", MACHINE), ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/m")],
        ),
        (
            "sso",
            "CreateAccountAssignment",
            {
                "InstanceArn": "arn:aws:sso:::instance/i",
                "PermissionSetArn": "arn:aws:sso:::permissionSet/i/p",
                "TargetId": ACCOUNT,
                "TargetType": "AWS_ACCOUNT",
            },
            [
                ("sso:CreateAccountAssignment", "arn:aws:sso:::instance/i"),
                ("sso:CreateAccountAssignment", "arn:aws:sso:::permissionSet/i/p"),
                ("sso:CreateAccountAssignment", f"arn:aws:sso:::account/{ACCOUNT}"),
            ],
        ),
        ("sso", "ListInstances", {}, [("sso:ListInstances", "*")]),
        (
            "sso",
            "ListAccountAssignments",
            {
                "InstanceArn": "arn:aws:sso:::instance/i",
                "PermissionSetArn": "arn:aws:sso:::permissionSet/i/p",
                "AccountId": ACCOUNT,
            },
            [
                ("sso:ListAccountAssignments", "arn:aws:sso:::instance/i"),
                ("sso:ListAccountAssignments", "arn:aws:sso:::permissionSet/i/p"),
                ("sso:ListAccountAssignments", f"arn:aws:sso:::account/{ACCOUNT}"),
            ],
        ),
        (
            "sso",
            "DescribeAccountAssignmentCreationStatus",
            {"InstanceArn": "arn:aws:sso:::instance/i", "AccountAssignmentCreationRequestId": "r"},
            [("sso:DescribeAccountAssignmentCreationStatus", "arn:aws:sso:::instance/i")],
        ),
        (
            "sso",
            "CreatePermissionSet",
            {"InstanceArn": "arn:aws:sso:::instance/i", "Name": "Reader"},
            [
                ("sso:CreatePermissionSet", "arn:aws:sso:::instance/i"),
                ("sso:CreatePermissionSet", "arn:aws:sso:::permissionSet/i/*"),
            ],
        ),
        (
            "sso",
            "TagResource",
            {"InstanceArn": "arn:aws:sso:::instance/i", "ResourceArn": "arn:aws:sso:::permissionSet/i/p"},
            [("sso:TagResource", "arn:aws:sso:::permissionSet/i/p")],
        ),
        (
            "identitystore",
            "CreateGroup",
            {"IdentityStoreId": "d-9999999998"},
            [("identitystore:CreateGroup", f"arn:aws:identitystore::{ACCOUNT}:identitystore/d-9999999998")],
        ),
        (
            "identitystore",
            "CreateGroupMembership",
            {"IdentityStoreId": "d-9999999998", "GroupId": "g", "MemberId": {"UserId": "u"}},
            [
                ("identitystore:CreateGroupMembership", resource)
                for resource in (
                    f"arn:aws:identitystore::{ACCOUNT}:identitystore/d-9999999998",
                    "arn:aws:identitystore:::group/g",
                    "arn:aws:identitystore:::user/u",
                )
            ],
        ),
        (
            "identitystore",
            "GetUserId",
            {"IdentityStoreId": "d-9999999998", "AlternateIdentifier": {}},
            [
                ("identitystore:GetUserId", f"arn:aws:identitystore::{ACCOUNT}:identitystore/d-9999999998"),
                ("identitystore:GetUserId", "arn:aws:identitystore:::user/*"),
            ],
        ),
        (
            "identitystore",
            "ListGroupMemberships",
            {"IdentityStoreId": "d-9999999998", "GroupId": "g"},
            [
                ("identitystore:ListGroupMemberships", resource)
                for resource in (
                    f"arn:aws:identitystore::{ACCOUNT}:identitystore/d-9999999998",
                    "arn:aws:identitystore:::membership/*",
                    "arn:aws:identitystore:::group/g",
                )
            ],
        ),
        (
            "secretsmanager",
            "GetSecretValue",
            {"SecretId": "avm/missing"},
            [
                (
                    "secretsmanager:GetSecretValue",
                    f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:avm/missing-??????",
                )
            ],
        ),
        ("secretsmanager", "ListSecrets", {}, [("secretsmanager:ListSecrets", "*")]),
        (
            "servicecatalog",
            "ProvisionProduct",
            {"ProductId": "prod-1"},
            [("servicecatalog:ProvisionProduct", f"arn:aws:catalog:eu-central-1:{ACCOUNT}:product/prod-1")],
        ),
        *(
            ("servicecatalog", action, {"Id": "prod-1"}, [(f"servicecatalog:{action}", f"{CATALOG}:product/prod-1")])
            for action in ("DescribeProduct", "DescribeProductAsAdmin")
        ),
        *(
            (
                "servicecatalog",
                action,
                {"ProductId": "prod-1"},
                [(f"servicecatalog:{action}", f"{CATALOG}:product/prod-1")],
            )
            for action in ("ListLaunchPaths", "ListProvisioningArtifacts", "ListPortfoliosForProduct")
        ),
        (
            "servicecatalog",
            "ProvisionProduct",
            {"ProductName": "Unknown"},
            [("servicecatalog:ProvisionProduct", f"{CATALOG}:product/*")],
        ),
        (
            "servicecatalog",
            "AssociatePrincipalWithPortfolio",
            {"PortfolioId": "port-1", "PrincipalARN": "arn"},
            [("servicecatalog:AssociatePrincipalWithPortfolio", f"{CATALOG}:portfolio/port-1")],
        ),
        *(
            ("servicecatalog", action, {"Id": "pp-1"}, [(f"servicecatalog:{action}", "*")])
            for action in ("DescribeRecord", "DescribeProvisionedProduct", "SearchProducts")
        ),
        *(
            ("controltower", action, {}, [(f"controltower:{action}", "*")])
            for action in ("ListLandingZones", "ListBaselines", "ListEnabledBaselines", "GetBaselineOperation")
        ),
        (
            "controltower",
            "GetLandingZone",
            {"landingZoneIdentifier": "1A2B"},
            [("controltower:GetLandingZone", f"{TOWER}:landingzone/1A2B")],
        ),
        *(
            (
                "controltower",
                action,
                {"enabledBaselineIdentifier": f"{TOWER}:enabledbaseline/X1"},
                [(f"controltower:{action}", f"{TOWER}:enabledbaseline/X1")],
            )
            for action in ("GetEnabledBaseline", "ResetEnabledBaseline", "DisableBaseline")
        ),
        (
            "controltower",
            "EnableBaseline",
            {"targetIdentifier": "arn", "tags": {"a": "b"}},
            [("controltower:EnableBaseline", "*"), ("controltower:TagResource", "*")],
        ),
        ("ce", "GetCostAndUsage", {}, [("ce:GetCostAndUsage", "*")]),
        ("sts", "GetCallerIdentity", {}, []),
        ("sqs", "SendMessage", {}, [("sqs:SendMessage", "*")]),
    ],
)
def test_a_call_needs_its_actions(
    server: Any, service: str, action: str, parameters: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert needed(service, action, parameters) == expected


def test_moves_need_the_account_and_both_parents(organizations: Any, root_id: str, member: str) -> None:
    organization = organizations.describe_organization()["Organization"]["Id"]
    parameters = {"AccountId": member, "SourceParentId": root_id, "DestinationParentId": "ou-abcd-12345678"}
    prefix = f"arn:aws:organizations::{MANAGEMENT}"
    assert needed("organizations", "MoveAccount", parameters, MANAGEMENT) == [
        ("organizations:MoveAccount", f"{prefix}:account/{organization}/{member}"),
        ("organizations:MoveAccount", f"{prefix}:root/{organization}/{root_id}"),
        ("organizations:MoveAccount", f"{prefix}:ou/{organization}/ou-abcd-12345678"),
    ]


def test_creating_with_tags_also_needs_to_tag(organizations: Any) -> None:
    organization = organizations.describe_organization()["Organization"]["Id"]
    parameters = {"AccountName": "a", "Tags": [{"Key": "k", "Value": "v"}]}
    assert needed("organizations", "CreateAccount", parameters, MANAGEMENT) == [
        ("organizations:CreateAccount", "*"),
        ("organizations:TagResource", f"arn:aws:organizations::{MANAGEMENT}:account/{organization}/*"),
    ]


def test_the_tags_of_a_request_are_condition_keys(organizations: Any) -> None:
    parameters = {"ResourceId": MANAGEMENT, "Tags": [{"Key": "Stage", "Value": "dev"}]}
    call = Call("organizations", "TagResource", "us-east-1", "json", "key", None, parameters)
    context = needs_of(call, MANAGEMENT)[0].context
    assert context["aws:TagKeys"] == ["Stage"]
    assert context["aws:RequestTag/Stage"] == "dev"


def test_a_stack_is_known_by_its_whole_arn(client: Callable[..., Any]) -> None:
    cloudformation = client("cloudformation", ACCOUNT)
    template = '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
    arn = cloudformation.create_stack(StackName="known", TemplateBody=template)["StackId"]
    assert needed("cloudformation", "DescribeStacks", {"StackName": "known"}) == [
        ("cloudformation:DescribeStacks", arn)
    ]


def test_rolling_out_needs_the_set_its_targets_and_its_types(client: Callable[..., Any]) -> None:
    cloudformation = client("cloudformation", ACCOUNT)
    template = '{"Resources": {"One": {"Type": "AWS::SNS::Topic"}, "Two": {"Type": "AWS::SNS::Topic"}}}'
    set_id = cloudformation.create_stack_set(StackSetName="rolled-out", TemplateBody=template)["StackSetId"]
    prefix = f"arn:aws:cloudformation:eu-central-1:{ACCOUNT}"
    targets = {"OrganizationalUnitIds": ["ou-abcd-12345678"], "Accounts": ["111111111111"]}
    parameters = {"StackSetName": "rolled-out", "DeploymentTargets": targets}
    action = "cloudformation:UpdateStackInstances"
    assert needed("cloudformation", "UpdateStackInstances", parameters) == [
        (action, f"{prefix}:stackset/{set_id}"),
        (action, f"{prefix}:stackset-target/{set_id}/111111111111"),
        (action, f"{prefix}:stackset-target/{set_id}/ou-abcd-12345678"),
        (action, "arn:aws:cloudformation:eu-central-1::type/resource/AWS-SNS-Topic"),
    ]
    assert needed("cloudformation", "DescribeStackSet", parameters) == [
        ("cloudformation:DescribeStackSet", f"{prefix}:stackset/{set_id}")
    ]


def test_what_the_identity_store_is_asked_for_is_looked_up(store: Any) -> None:
    group_id, user_id = new_group(store), new_user(store)
    membership = store.create_group_membership(
        IdentityStoreId=STORE, GroupId=group_id, MemberId={"UserId": user_id}
    )["MembershipId"]
    own = f"arn:aws:identitystore::{MANAGEMENT}:identitystore/{STORE}"
    everything = [own] + [
        f"arn:aws:identitystore:::{kind}/{identifier}"
        for kind, identifier in (("group", group_id), ("membership", membership), ("user", user_id))
    ]
    name = store.describe_user(IdentityStoreId=STORE, UserId=user_id)["UserName"]
    by_name = {"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": name}}
    for action, parameters, expected in (
        ("DeleteGroupMembership", {"MembershipId": membership}, everything),
        ("GetGroupMembershipId", {"GroupId": group_id, "MemberId": {"UserId": user_id}}, everything),
        ("GetUserId", {"AlternateIdentifier": by_name}, [own, everything[3]]),
    ):
        needs = needed("identitystore", action, {"IdentityStoreId": STORE, **parameters})
        assert needs == [(f"identitystore:{action}", resource) for resource in expected]


def test_a_secret_is_known_by_its_whole_arn(client: Callable[..., Any]) -> None:
    arn = client("secretsmanager", ACCOUNT).create_secret(Name="known", SecretString="value")["ARN"]
    for identifier in ("known", arn):
        assert needed("secretsmanager", "GetSecretValue", {"SecretId": identifier}) == [
            ("secretsmanager:GetSecretValue", arn)
        ]
