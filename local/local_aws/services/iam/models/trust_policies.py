"""A trust policy may only name principals that exist: moto takes any ARN.

Roles, users and SAML providers are looked up; account roots, sessions, services, OpenID Connect providers and
domains are taken as they are. AWS documents that a SAML provider is made before its roles, and not whether it
refuses the ARN of one that does not exist: here the order is held to. Sources: https://repost.aws/knowledge-center/iam-trust-policy-error for
roles and users that are gone; LocalStack, iam/test_iam, recorded on AWS, for what is no JSON.
"""

import json
import re
from typing import Any

from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.models import IAMBackend, Role

from local_aws.enforcement import propagation
from local_aws.enforcement.conditions import as_list
from local_aws.enforcement.policies import statements_of
from local_aws.enforcement.principals import find_role, find_user, iam_of
from local_aws.patches import patch
from local_aws.services.iam.models.permissions_boundaries import check_boundary

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


def _is_json(document: str | dict[str, Any]) -> bool:
    try:
        return isinstance(document, dict) or isinstance(json.loads(document), dict)
    except ValueError:
        return False


def check(trust_policy: str | dict[str, Any]) -> None:
    """Raises what CreateRole and UpdateAssumeRolePolicy answer for no JSON, and for a principal that does not exist."""
    if not _is_json(trust_policy):
        raise MalformedPolicyDocument("This policy contains invalid Json")
    invalid = invalid_principals(trust_policy)
    if invalid:
        raise MalformedPolicyDocument(f'Invalid principal in policy: "AWS":"{invalid[0]}"')
    for name in _federated(trust_policy):
        _check_federated(name)


@patch(IAMBackend, "create_role")
def _create_role(
    original: Any,
    self: IAMBackend,
    role_name: str,
    assume_role_policy_document: Any,
    path: str,
    permissions_boundary: str | None,
    *rest: Any,
    **named: Any,
) -> Role:
    """Roles made by CloudFormation are made by the same method of moto, so they are checked too."""
    check(assume_role_policy_document)
    check_boundary(self, permissions_boundary)
    role: Role = original(
        self, role_name, assume_role_policy_document, path, permissions_boundary, *rest, **named
    )
    propagation.created(role)
    return role


@patch(IAMBackend, "update_assume_role_policy")
def _update_assume_role_policy(original: Any, self: IAMBackend, role_name: str, policy_document: str) -> None:
    role = self.get_role(role_name)
    check(policy_document)
    with propagation.changing(role):
        original(self, role_name, policy_document)
