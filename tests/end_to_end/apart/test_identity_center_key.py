"""Single sign-on where IAM Identity Center encrypts under a key of the organization's own, as it has to in several regions.

A local AWS of its own, whose every call of the instance and of the store needs to decrypt through its service.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from doctoring import doctor_of
from endpoints import LocalAws
from planning import Planner, steps_to_do
from principals import function_roles
from single_sign_on import ADA, ADMIN, INSTANCE, SingleSignOnTenant

from local_aws.deploy.deployment import VENDING_ROLES_STACK
from local_aws.deploy.surroundings import CUSTOMERS, KEY_VARIABLE
from local_aws.process import LocalAwsProcess
from meshstack_client import LandingZones, LocalEnvironment, MeshStack


@pytest.fixture(scope="module")
def key_process(audit_folder: Any, expressions_folder: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The local AWS of these tests."""
    with LocalAwsProcess(tmp_path_factory.mktemp("key"), variables={KEY_VARIABLE: CUSTOMERS}) as process:
        yield process


def session(environment: LocalEnvironment, process: LocalAwsProcess, function: str, role: str) -> dict[str, str]:
    """A session of a role of the management account, as the function assumes it."""
    functions = function_roles(environment, process.environment_file.parent / "functions")
    arn = f"arn:aws:iam::{environment.management_account_id}:role/{role}"
    answer = environment.client("sts", functions[function]).assume_role(
        RoleArn=arn, RoleSessionName="key", ExternalId=environment.external_id_of("machine")
    )
    return dict(answer["Credentials"])


def test_people_are_assigned_under_a_key_that_opens_nothing_else(key_process, audit_folder):
    environment = LocalEnvironment.load(key_process.environment_file)
    aws = LocalAws(environment.endpoint_url, audit_folder)
    meshstack, zones = MeshStack(environment), LandingZones(environment)
    management = environment.management_account_id
    instance = environment.root_client("sso-admin", management).describe_instance(InstanceArn=INSTANCE)
    key = instance["EncryptionConfigurationDetails"]["KmsKeyArn"]
    account = meshstack.create_account("key", "aws+key@example.com")
    tenant = SingleSignOnTenant(environment, zones, account, "key")
    tenant.map(admin=ADMIN)

    assert tenant.vend(RoleBindings={"admin": [ADA]})["Added"] == 1
    assert tenant.members("admin") == {ADA}
    planner = Planner(environment, aws)
    assert "single-sign-on" not in steps_to_do(planner.ask(tenant.execution["input"]))

    secret = environment.root_client("kms", management).encrypt(KeyId=key, Plaintext=b"anything")["CiphertextBlob"]
    for function, role in [("AVMSingleSignOnFunctionRole", "AVMIdentityRole"), ("AVMPlanFunctionRole", "AVMPlanRole")]:
        kms = environment.client("kms", session(environment, key_process, function, role))
        with aws.refusing(role, "kms:Decrypt"), pytest.raises(ClientError, match="AccessDenied"):
            kms.decrypt(KeyId=key, CiphertextBlob=secret)


def test_the_doctor_tells_a_key_that_the_roles_may_not_use(key_process, tmp_path):
    environment = LocalEnvironment.load(key_process.environment_file)
    management = environment.management_account_id
    doctor = doctor_of(environment, tmp_path, lambda finding: "IdentityCenterKeyArn" in finding["remedy"])
    assert doctor()[1] == []
    client = environment.root_client("cloudformation", management)
    (stack,) = client.describe_stacks(StackName=VENDING_ROLES_STACK)["Stacks"]
    keys = {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}

    def deploy(key: str) -> None:
        kept = [{"ParameterKey": name, "UsePreviousValue": True} for name in keys if name != "IdentityCenterKeyArn"]
        client.update_stack(
            StackName=VENDING_ROLES_STACK,
            UsePreviousTemplate=True,
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[*kept, {"ParameterKey": "IdentityCenterKeyArn", "ParameterValue": key}],
        )
        client.get_waiter("stack_update_complete").wait(StackName=VENDING_ROLES_STACK, WaiterConfig={"Delay": 1})

    deploy("")
    _, (finding,) = doctor()
    assert f"IdentityCenterKeyArn={keys['IdentityCenterKeyArn']}" in finding["remedy"]
    deploy(keys["IdentityCenterKeyArn"])
    assert doctor()[1] == []
