"""Ways back to administration: a catalogue of known ones, and calls of whole APIs with parameters that fit.

A path is open where a policy allows every action that it needs, on a resource of the account.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from botocore.exceptions import ClientError
from botocore.model import Shape

from local_aws.enforcement.policies import Decision, evaluate
from local_aws.paths import REPOSITORY

CATALOGUE: dict[str, list[str]] = json.loads(
    (REPOSITORY / "tests" / "fixtures" / "escalation-paths.json").read_text(encoding="utf-8")
)["paths"]
DENIALS = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"}
# The access role itself, the roles that a vend leaves in an account, and others that an account may have.
ROLES = (
    "MeshstackAccountAccessRole",
    "OrganizationAccountAccessRole",
    "PermissionDowngradeLambdaExecutionRole",
    "AVMVerificationRole",
    "AVMIdentityProviderRole",
    "AWSCloudFormationStackSetExecutionRole",
    "AWSControlTowerExecution",
    "AWSServiceRoleForSupport",
    "project-admin",
    "not-there-yet",
)
ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"


def resources(account_id: str) -> list[str]:
    """What actions of a path may be allowed on."""
    iam = f"arn:aws:iam::{account_id}"
    return [
        *(f"{iam}:role/{role}" for role in ROLES),
        *(f"{iam}:{kind}/anything" for kind in ("user", "group", "policy", "instance-profile", "oidc-provider")),
        *(f"{iam}:saml-provider/{name}" for name in ("meshstack-saml-idp", "AWSSSO_1_DO_NOT_DELETE", "company")),
        ADMINISTRATOR_ACCESS,
        *(
            f"arn:aws:cloudformation:eu-central-1:{account_id}:stack/{name}/1"
            for name in ("meshstack-cf-access", "StackSet-avm-1", "own")
        ),
        f"arn:aws:lambda:eu-central-1:{account_id}:function:anything",
        "*",
    ]


def open_paths(document: dict[str, Any], account_id: str) -> set[str]:
    """The paths of the catalogue that a policy leaves open."""
    targets = resources(account_id)

    def allows(action: str) -> bool:
        return any(evaluate([document], action, target, {}) is Decision.ALLOWED for target in targets)

    return {name for name, actions in CATALOGUE.items() if all(map(allows, actions))}


def is_denied(error: ClientError) -> bool:
    """Whether a call failed because no policy allows it, and for nothing else."""
    answer = error.response["Error"]
    return answer["Code"] in DENIALS and "is not authorized to perform" in answer["Message"]


def _example(shape: Shape, chosen: dict[str, Any], name: str = "") -> Any:
    """A value that fits a shape of an API's model; values for members of some names are chosen."""
    if name in chosen:
        return chosen[name]
    if shape.type_name == "structure":
        # A union has exactly one of its members.
        wanted = list(shape.members)[:1] if shape.is_tagged_union else shape.required_members
        return {member: _example(shape.members[member], chosen, member) for member in wanted}
    if shape.type_name == "list":
        return [_example(shape.member, chosen)]
    if shape.type_name == "map":
        return {"key": _example(shape.value, chosen)}
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "x" * max(1, shape.metadata.get("min", 1))
    examples = {"boolean": True, "timestamp": 1_700_000_000, "blob": b"x", "float": 1.0, "double": 1.0}
    return examples.get(shape.type_name, shape.metadata.get("min", 1))


def calls(client: Any, choices: Iterable[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every operation of an API, once for each choice of values that changes its parameters."""
    model = client.meta.service_model
    for operation in model.operation_names:
        shape = model.operation_model(operation).input_shape
        seen: list[dict[str, Any]] = []
        for chosen in choices:
            parameters = {} if shape is None else _parameters(shape, chosen)
            if parameters not in seen:
                seen.append(parameters)
                yield operation, parameters


def _parameters(shape: Shape, chosen: dict[str, Any]) -> dict[str, Any]:
    required = _example(shape, chosen)
    optional = {name: value for name, value in chosen.items() if name in shape.members}
    return {**required, **optional}


def allowed_operations(client: Any, choices: Iterable[dict[str, Any]]) -> set[str]:
    """The operations of an API that are not denied; every one is really called."""
    methods = {operation: method for method, operation in client.meta.method_to_api_mapping.items()}
    allowed = set()
    for operation, parameters in calls(client, list(choices)):
        try:
            getattr(client, methods[operation])(**parameters)
        except ClientError as error:
            if is_denied(error):
                continue
        allowed.add(operation)
    return allowed
