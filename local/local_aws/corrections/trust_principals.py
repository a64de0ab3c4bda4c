"""A trust policy may only name principals that exist: moto takes any ARN.

Roles, users and SAML providers are looked up; account roots, sessions, services, OpenID Connect providers and
domains are taken as they are. AWS documents that a SAML provider is made before its roles, and not whether it
refuses the ARN of one that does not exist: here the order is held to.
"""

import re
from typing import Any

from moto.core.serialize import url_encode
from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.models import IAMBackend, Role
from moto.iam.responses import IamResponse

from local_aws.enforcement.conditions import as_list
from local_aws.enforcement.policies import statements_of
from local_aws.enforcement.principals import find_role, find_user, iam_of

_ACCEPTED = re.compile(
    r"\*|\d{12}|arn:[\w-]+:iam::\d{12}:root|arn:[\w-]+:sts::\d{12}:(assumed-role|federated-user)/.+"
)

_SAML_PROVIDER = re.compile(r"arn:[\w-]+:iam::(\d{12}):saml-provider/[\w.-]{1,128}", re.ASCII)
_OTHER_FEDERATION = re.compile(r"arn:[\w-]+:iam::\d{12}:oidc-provider/.+|[\w-]+(\.[\w-]+)+", re.ASCII)


def invalid_principals(trust_policy: str | dict[str, Any]) -> list[str]:
    """The AWS principals of a trust policy that do not exist."""
    named = [
        principal
        for statement in statements_of(trust_policy)
        if isinstance(statement.get("Principal"), dict)
        for principal in as_list(statement["Principal"].get("AWS"))
    ]
    return [name for name in named if not _exists(name)]


def _exists(name: Any) -> bool:
    if not isinstance(name, str):
        return False
    if _ACCEPTED.fullmatch(name):
        return True
    if ":role/" in name:
        return find_role(name) is not None
    return find_user(name) is not None


def _federated(trust_policy: str | dict[str, Any]) -> list[Any]:
    return [
        principal
        for statement in statements_of(trust_policy)
        if isinstance(statement.get("Principal"), dict)
        for principal in as_list(statement["Principal"].get("Federated"))
    ]


def _check_federated(name: Any) -> None:
    provider = _SAML_PROVIDER.fullmatch(str(name))
    if provider is None:
        if not _OTHER_FEDERATION.fullmatch(str(name)):
            raise MalformedPolicyDocument(
                "Federated principals must be valid domain names or SAML metadata ARNs"
            )
    elif name not in [one.arn for one in list(iam_of(provider[1]).saml_providers.values())]:
        raise MalformedPolicyDocument(f'Invalid principal in policy: "Federated":"{name}"')


def check(trust_policy: str | dict[str, Any]) -> None:
    """Raises what CreateRole and UpdateAssumeRolePolicy answer for a principal that does not exist."""
    invalid = invalid_principals(trust_policy)
    if invalid:
        raise MalformedPolicyDocument(f'Invalid principal in policy: "AWS":"{invalid[0]}"')
    for name in _federated(trust_policy):
        _check_federated(name)


def install() -> None:
    """Roles made by CloudFormation are made by the same method of moto, so they are checked too.

    Besides, moto's ListRoles tells trust policies as they are, and not URL-encoded as GetRole does.
    """
    IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER["ListRolesResponse.Roles.Role.AssumeRolePolicyDocument"] = (
        url_encode
    )
    create_role = IAMBackend.create_role
    update_trust = IAMBackend.update_assume_role_policy

    def checked_create(
        self: IAMBackend, role_name: str, assume_role_policy_document: Any, *rest: Any, **named: Any
    ) -> Role:
        check(assume_role_policy_document)
        return create_role(self, role_name, assume_role_policy_document, *rest, **named)

    def checked_update(self: IAMBackend, role_name: str, policy_document: str) -> None:
        self.get_role(role_name)
        check(policy_document)
        update_trust(self, role_name, policy_document)

    IAMBackend.create_role = checked_create
    IAMBackend.update_assume_role_policy = checked_update
