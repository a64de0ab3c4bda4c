"""What the platform team has done before the AVM comes: IAM Identity Center with its permission sets and people.

AWS lets nobody choose the ids of an instance and its permission sets; here they are those of the configuration.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from local_aws.address import MANAGEMENT_ACCOUNT_ID, REGION, endpoint_url
from local_aws.deploy.accounts import root_client
from local_aws.deploy.problems import DeploymentError
from local_aws.services.scim.responses.mount import enable_provisioning
from local_aws.services.ssoadmin.models import create_instance
from local_aws.services.ssoadmin.responses.permission_sets import add_permission_set

ADMINISTRATORS = "organization-administrators"
PERMISSION_SET_PREFIX = "arn:aws:sso:::permissionSet/"


@dataclass(frozen=True)
class Person:
    """A user of the identity store."""

    user_name: str = field(repr=False)
    email: str = field(repr=False)
    given_name: str = field(repr=False)
    family_name: str = field(repr=False)


@dataclass(frozen=True)
class SingleSignOn:
    """What was set up; ids by the names that the caller gave."""

    instance_arn: str
    identity_store_id: str
    permission_sets: dict[str, str]
    users: dict[str, str] = field(repr=False)
    administrators_group_id: str
    scim_endpoint: str
    scim_token_secret_arn: str
    key_arn: str | None = None


def set_up_single_sign_on(
    instance_arn: str,
    identity_store_id: str,
    permission_sets: Sequence[str],
    people: Sequence[Person],
    tenant_id: str,
    secret_account_id: str,
    secret_name: str,
    key_arn: str | None = None,
) -> SingleSignOn:
    """Makes the instance in the management account, its permission sets and users, and opens SCIM.

    A permission set is named by its name, or by the ARN that it shall have. The SCIM token becomes the value of a
    secret of that name in the account that is to read it. Raises DeploymentError for ids that AWS would not have.
    """
    try:
        instance = create_instance(instance_arn, identity_store_id, MANAGEMENT_ACCOUNT_ID, REGION, key_arn)
        made = {
            wanted: add_permission_set(instance, *_name_and_arn(wanted)).permission_set_arn
            for wanted in dict.fromkeys(permission_sets)
        }
    except ValueError as error:
        raise DeploymentError(str(error)) from error
    token = secrets.token_urlsafe(48)
    path = enable_provisioning(tenant_id, instance.directory, token)
    secret = root_client("secretsmanager", secret_account_id).create_secret(
        Name=secret_name, SecretString=token
    )
    return SingleSignOn(
        instance_arn=instance.arn,
        identity_store_id=identity_store_id,
        permission_sets=made,
        users={person.user_name: _create_user(identity_store_id, person) for person in people},
        administrators_group_id=_create_administrators(identity_store_id),
        scim_endpoint=f"{endpoint_url()}{path}",
        scim_token_secret_arn=str(secret["ARN"]),
        key_arn=key_arn,
    )


def _create_administrators(identity_store_id: str) -> str:
    """The group of the organization's administrators, which the AVM has to leave alone."""
    created = root_client("identitystore", MANAGEMENT_ACCOUNT_ID).create_group(
        IdentityStoreId=identity_store_id, DisplayName=ADMINISTRATORS
    )
    return str(created["GroupId"])


def _name_and_arn(wanted: str) -> tuple[str, str | None]:
    """A permission set that is known by its ARN is called like the end of it."""
    if wanted.startswith(PERMISSION_SET_PREFIX):
        return wanted.rsplit("/", 1)[-1], wanted
    return wanted, None


def _create_user(identity_store_id: str, person: Person) -> str:
    created = root_client("identitystore", MANAGEMENT_ACCOUNT_ID).create_user(
        IdentityStoreId=identity_store_id,
        UserName=person.user_name,
        Name={"GivenName": person.given_name, "FamilyName": person.family_name},
        DisplayName=f"{person.given_name} {person.family_name}",
        Emails=[{"Value": person.email, "Type": "work", "Primary": True}],
    )
    return str(created["UserId"])
