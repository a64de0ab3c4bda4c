"""Whoever may write documents tries to lead the machine out of the organization: metadata, templates; and who writes is told.

The template's parameters name hosts and addresses. The entry point refuses others, and so do the steps, which get no order
from a document alone.
"""

import json
import time

import pytest
from tenant import WITH_DOWNGRADE, Tenant
from vending import by_roles, subscribe, writes

from meshstack_client import FunctionError

ADMIN = {"awsRoleName": "project-admin", "policies": ["AdministratorAccess"]}
PROVIDER = {"identityProvider": {"roleMappingsManaged": {"admin": ADMIN}}}
ELSEWHERE = "https://idp.attacker.example/descriptor"
TEMPLATE = "https://attacker.s3.eu-central-1.amazonaws.com/access.yaml"
NOT_ALLOWED = "AddressNotAllowed"


@pytest.fixture
def tenant(environment, landing_zones, make_account, project):
    """An account with a SAML provider and an access stack."""
    tenant = Tenant(environment, landing_zones, make_account(), project)
    tenant.deploy(**WITH_DOWNGRADE, **PROVIDER, downgrade="strict")
    return tenant


@pytest.fixture
def platform(landing_zones):
    """Writes the platform document for the time of a test."""
    before = landing_zones.platform()
    yield landing_zones.deploy_platform
    landing_zones.deploy_platform(before)


def test_a_document_that_leads_elsewhere_starts_nothing(tenant, landing_zones, platform, local_aws):
    def refused():
        mark = local_aws.mark()
        with pytest.raises(FunctionError) as refusal:
            tenant.start()
        calls = {call["action"] for call in by_roles(local_aws.calls(mark))}
        assert calls <= {"lambda:InvokeFunction", "ssm:GetParameters"}
        assert refusal.value.name == NOT_ALLOWED
        return refusal.value.message

    document = landing_zones.platform()
    for address in (ELSEWHERE, "https://127.0.0.1@attacker.example/", "https://127.0.0.1.attacker.example/"):
        provider = {**document["identityProvider"], "metadataUrl": address}
        platform({**document, "identityProvider": provider})
        assert "/avm/platform, field identityProvider.metadataUrl" in refused()
    platform(document)
    for address in (TEMPLATE, "https://avm-templates.s3.eu-central-1.amazonaws.com/../attacker/access.yaml"):
        settings = {**WITH_DOWNGRADE, **PROVIDER, "accessStack": {"template": address}}
        tenant.deploy(**settings, downgrade="strict")
        assert f"/avm/landing-zones/{tenant.landing_zone}, field accessStack.template" in refused()
    tenant.deploy(**WITH_DOWNGRADE, **PROVIDER, downgrade="strict")
    tenant.vend()


@pytest.mark.parametrize(
    ("path", "value", "step"),
    [
        (("Platform", "identityProvider", "metadataUrl"), ELSEWHERE, "IdentityProvider"),
        (("LandingZone", "Settings", "accessStack", "template"), TEMPLATE, "AccessStack"),
    ],
)
def test_an_order_that_leads_elsewhere_is_refused_by_the_step(tenant, environment, local_aws, path, value, step):
    """As somebody gives it to the machine who may start executions, and needs no document for it."""
    tenant.vend()
    before = tenant.found.saml_providers(), tenant.found.roles_by_saml()
    order = json.loads(tenant.execution["input"])
    part = order
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    states = environment.root_client("stepfunctions", environment.automation_account_id)
    mark = local_aws.mark()

    execution = tenant.ended(
        states.start_execution(
            stateMachineArn=environment.state_machine_arn,
            name=f"{tenant.account_id}-by-hand",
            input=json.dumps(order),
        )["executionArn"]
    )

    assert (execution["status"], execution["error"]) == ("FAILED", NOT_ALLOWED)
    assert tenant.tags()["avm:failed-step"] == step
    assert (tenant.found.saml_providers(), tenant.found.roles_by_saml()) == before
    made = [action for action in writes(local_aws.calls(mark)) if action.startswith(("cloudformation:", "iam:"))]
    assert made == []


@pytest.fixture
def notices(environment, project):
    """What the topic of failures has been told since the last time this was asked."""
    receive = subscribe(environment, f"notices-{project}", of_documents=True)

    def read():
        time.sleep(0.5)
        return receive()

    return read


def test_a_write_below_avm_is_told_with_who_made_it(environment, notices, project):
    account = environment.automation_account_id
    iam = environment.root_client("iam", account)
    user = iam.create_user(UserName=f"writer-{project}")["User"]
    statement = {"Effect": "Allow", "Action": "ssm:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=user["UserName"], PolicyName="Write", PolicyDocument=policy)
    key = iam.create_access_key(UserName=user["UserName"])["AccessKey"]
    ssm = environment.client("ssm", key)
    name = f"/avm/landing-zones/told-{project}"
    document = json.dumps({"organizationalUnit": "", "downgrade": "none"})

    def told(call):
        (notice,) = notices()
        for word in (user["Arn"], call, name, "Remedy"):
            assert word in notice, notice
        assert "downgrade" not in notice

    ssm.put_parameter(Name=name, Type="String", Value=document)
    told("PutParameter")
    ssm.put_parameter(Name=name, Type="String", Value=document, Overwrite=True)
    told("PutParameter")
    ssm.delete_parameters(Names=[name])
    told("DeleteParameters")
    ssm.put_parameter(Name=name, Type="String", Value=document)
    told("PutParameter")
    ssm.delete_parameter(Name=name)
    told("DeleteParameter")
    ssm.put_parameter(Name=f"/other/{project}", Type="String", Value=document)
    ssm.get_parameter(Name=f"/other/{project}")
    assert notices() == []
    iam.delete_access_key(UserName=user["UserName"], AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=user["UserName"], PolicyName="Write")
    iam.delete_user(UserName=user["UserName"])


def test_an_execution_tells_of_which_versions_of_the_documents_it_was_made(environment, tenant, landing_zones):
    ssm = environment.root_client("ssm", environment.automation_account_id)
    names = ["/avm/platform", f"/avm/landing-zones/{tenant.landing_zone}"]

    def versions():
        return {name: ssm.get_parameter(Name=name)["Parameter"]["Version"] for name in names}

    tenant.vend()
    first = versions()
    assert json.loads(tenant.execution["input"])["Documents"] == first
    # Written anew and the same: no other order.
    landing_zones.deploy_platform(landing_zones.platform())
    assert versions() != first
    with pytest.raises(AssertionError, match="already done"):
        tenant.start()
    tenant.again()
    assert json.loads(tenant.execution["input"])["Documents"] == versions()
