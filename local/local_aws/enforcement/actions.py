"""Which IAM actions on which resources a call needs, by service.

Exact for what the account vending machine and meshStack call; an unknown call needs its action on "*".
"""

from moto.secretsmanager.models import secretsmanager_backends

from local_aws.enforcement import (
    account_needs,
    cloudformation_needs,
    control_tower_needs,
    ec2_needs,
    iam_needs,
    organizations_needs,
    service_catalog_needs,
    single_sign_on_needs,
)
from local_aws.enforcement.calls import Call
from local_aws.enforcement.needs import ANY, Builder, Need, Parameters, Scope, pass_role, tag_context
from local_aws.enforcement.reference import resource_kinds

# What the reference does not have: IAM prefixes that differ from the signing name, actions from the operation.
_PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag", "email": "ses"}
_LAMBDA_ACTIONS = {"Invoke": "InvokeFunction", "InvokeAsync": "InvokeAsync"}
# Service authorization reference of AWS Budgets, "API operations": reads are one right, writes another.
_OF_BUDGETS_TAGS = {"ListTagsForResource", "TagResource", "UntagResource"}
_S3_ACTIONS = {
    "HeadObject": "GetObject",
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListBuckets": "ListAllMyBuckets",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "DeleteObjects": "DeleteObject",
}


def _ssm(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    names = [parameters.get("Name"), parameters.get("Path"), *(parameters.get("Names") or [])]
    if parameters.get("ResourceType") == "Parameter":
        names.append(parameters.get("ResourceId"))
    arns = []
    for name in filter(None, names if "parameter" in resource_kinds(f"ssm:{action}") else []):
        # A parameter may be asked for by its ARN, or with a version or label behind a colon.
        plain = str(name) if str(name).startswith("arn:") else str(name).split(":")[0]
        arns.append(plain if plain.startswith("arn:") else scope.arn("ssm", "parameter", plain.lstrip("/")))
    return [Need(f"ssm:{action}", arn, tag_context(parameters)) for arn in arns or [ANY]]


def _states(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    context = tag_context(parameters)
    arn = (
        parameters.get("executionArn")
        or parameters.get("stateMachineArn")
        or parameters.get("activityArn")
        or parameters.get("resourceArn")
    )
    if not arn and action == "CreateStateMachine":
        arn = scope.arn("states", "statemachine", str(parameters.get("name")))
    passed = pass_role(parameters.get("roleArn"), "states.amazonaws.com")
    return [Need(f"states:{action}", str(arn or ANY), context), *passed]


def _lambda(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    name = str(parameters.get("FunctionName") or parameters.get("Resource") or "")
    arn = ANY
    if name.startswith("arn:"):
        arn = name
    elif name:
        # A partial ARN is <account>:function:<name>.
        arn = scope.arn("lambda", "function", name.split(":function:")[-1])
    qualifier = parameters.get("Qualifier")
    if qualifier and arn != ANY and arn.count(":") == 6:
        arn = f"{arn}:{qualifier}"
    context = tag_context(parameters)
    passed = pass_role(parameters.get("Role"), "lambda.amazonaws.com")
    return [Need(f"lambda:{_LAMBDA_ACTIONS.get(action, action)}", arn, context), *passed]


def _sns(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    arn = parameters.get("TopicArn") or parameters.get("TargetArn") or parameters.get("ResourceArn")
    if not arn and action == "CreateTopic":
        arn = scope.arn("sns", "topic", str(parameters.get("Name")))
    return [Need(f"sns:{action}", str(arn or ANY), tag_context(parameters))]


def _logs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    group = parameters.get("logGroupName") or parameters.get("logGroupIdentifier")
    resource = parameters.get("resourceArn")
    if resource or not group:
        return [Need(f"logs:{action}", str(resource or ANY), tag_context(parameters))]
    # A group is asked for as the streams in it, unlike in the reference.
    stream = parameters.get("logStreamName") or ""
    arn = scope.arn("logs", "log-stream", str(group), str(stream))
    return [Need(f"logs:{action}", arn, tag_context(parameters))]


def _secretsmanager(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    context = tag_context(parameters)
    wanted = str(parameters.get("SecretId") or parameters.get("Name") or "")
    if not wanted or "Secret" not in resource_kinds(f"secretsmanager:{action}"):
        return [Need(f"secretsmanager:{action}", ANY, context)]
    secrets = secretsmanager_backends[scope.account_id][scope.region].secrets
    # A secret may be asked for by its name or its ARN; six characters of its ARN are not in its name.
    found = secrets.get(wanted) if wanted in secrets else None
    plain = wanted if wanted.startswith("arn:") else scope.arn("secretsmanager", "Secret", f"{wanted}-??????")
    return [Need(f"secretsmanager:{action}", str(found.arn) if found else plain, context)]


def _budgets_action(action: str) -> str:
    if action in _OF_BUDGETS_TAGS:
        return action
    return "ViewBudget" if action.startswith("Describe") else "ModifyBudget"


def _budgets(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    budget = parameters.get("Budget") or parameters.get("NewBudget") or {}
    name = parameters.get("BudgetName") or budget.get("BudgetName")
    arn = parameters.get("ResourceARN") or (scope.arn("budgets", "budget", str(name)) if name else ANY)
    tags = tag_context({"Tags": parameters.get("ResourceTags"), "TagKeys": parameters.get("ResourceTagKeys")})
    needs = [Need(f"budgets:{_budgets_action(action)}", str(arn), tags)]
    if action == "CreateBudget" and parameters.get("ResourceTags"):
        needs.append(Need("budgets:TagResource", str(arn), tags))
    return needs


def _kms(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    key = str(parameters.get("KeyId") or "")
    arn = key if key.startswith("arn:") else scope.arn("kms", "key", key)
    return [Need(f"kms:{action}", arn if key else ANY, tag_context(parameters))]


def _s3(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    bucket, key = parameters.get("Bucket"), parameters.get("Key")
    arn = ANY
    if bucket:
        arn = scope.arn("s3", "object", str(bucket), str(key)) if key else scope.arn("s3", "bucket", str(bucket))
    return [Need(f"s3:{_S3_ACTIONS.get(action, action)}", arn)]


_BUILDERS: dict[str, Builder] = {
    "organizations": organizations_needs.needs,
    "iam": iam_needs.needs,
    "sts": iam_needs.sts_needs,
    "cloudformation": cloudformation_needs.needs,
    "ssm": _ssm,
    "states": _states,
    "lambda": _lambda,
    "sns": _sns,
    "logs": _logs,
    "sso": single_sign_on_needs.sso_needs,
    "identitystore": single_sign_on_needs.identity_store_needs,
    "secretsmanager": _secretsmanager,
    "servicecatalog": service_catalog_needs.needs,
    "controltower": control_tower_needs.needs,
    "account": account_needs.needs,
    "budgets": _budgets,
    "ec2": ec2_needs.needs,
    "s3": _s3,
    "kms": _kms,
}


def iam_action(call: Call) -> str:
    """The main IAM action of a call."""
    if call.service == "budgets":
        return f"budgets:{_budgets_action(call.action)}"
    names = {"lambda": _LAMBDA_ACTIONS, "s3": _S3_ACTIONS}.get(call.service, {})
    return f"{_PREFIXES.get(call.service, call.service)}:{names.get(call.action, call.action)}"


def needs_of(call: Call, account_id: str) -> list[Need]:
    """All that the caller's policies must allow for this call."""
    builder = _BUILDERS.get(call.service)
    if builder is None:
        return [Need(iam_action(call), ANY, tag_context(call.parameters))]
    return builder(Scope(account_id, call.region, call.principal), call.action, call.parameters)
