"""The calls that CloudFormation makes for each type of resource, after the handlers of its registry.

A function per type or family: (create | update | delete, resource) -> calls.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local_aws.enforcement.needs import Need, pass_role, tag_context, tag_pairs


@dataclass(frozen=True)
class Subject:
    """A resource as the table of needed calls sees it."""

    resource_type: str
    account_id: str
    region: str
    name: str
    properties: dict[str, Any]
    previous: dict[str, Any] | None = None

    def arn(self, service: str, rest: str, global_service: bool = False) -> str:
        region = "" if global_service else self.region
        return f"arn:aws:{service}:{region}:{self.account_id}:{rest}"

    def differs(self, key: str) -> bool:
        """Whether an update changes a property."""
        return self.properties.get(key) != (self.previous or {}).get(key)


NeedsOf = Callable[[str, Subject], list[Need]]


def _names(policies: Any) -> dict[str, Any]:
    return {policy["PolicyName"]: policy.get("PolicyDocument") for policy in policies or []}


def _bounded(properties: dict[str, Any]) -> dict[str, Any]:
    """The condition key of whom the calls are about."""
    boundary = properties.get("PermissionsBoundary")
    return {"iam:PermissionsBoundary": boundary} if boundary else {}


def _role(change: str, role: Subject) -> list[Need]:
    path = role.properties.get("Path") or "/"
    arn = role.arn("iam", f"role{path}{role.name}", global_service=True)
    new, old = role.properties, role.previous or {}
    bounded = _bounded(new)
    if change == "delete":
        calls = [Need("iam:GetRole", arn), Need("iam:ListRolePolicies", arn), Need("iam:ListAttachedRolePolicies", arn)]
        calls += [Need("iam:DeleteRolePolicy", arn, bounded)] * bool(new.get("Policies"))
        detached = new.get("ManagedPolicyArns") or []
        calls += [Need("iam:DetachRolePolicy", arn, {**bounded, "iam:PolicyARN": policy}) for policy in detached]
        return [*calls, Need("iam:DeleteRole", arn)]
    calls = []
    if change == "create":
        calls.append(Need("iam:CreateRole", arn, {**bounded, **tag_context(new)}))
    elif role.differs("AssumeRolePolicyDocument"):
        calls.append(Need("iam:UpdateAssumeRolePolicy", arn))
    if change == "update" and (role.differs("Description") or role.differs("MaxSessionDuration")):
        calls.append(Need("iam:UpdateRole", arn))
    if change == "update" and role.differs("PermissionsBoundary"):
        verb = "Put" if bounded else "Delete"
        calls.append(Need(f"iam:{verb}RolePermissionsBoundary", arn, bounded))
    calls += _role_policies(arn, new, old, bounded)
    calls += _tag_changes("iam:TagRole", "iam:UntagRole", arn, new, old)
    return [*calls, Need("iam:GetRole", arn)]


def _role_policies(arn: str, new: dict[str, Any], old: dict[str, Any], bounded: dict[str, Any]) -> list[Need]:
    inline_new, inline_old = _names(new.get("Policies")), _names(old.get("Policies"))
    managed_new, managed_old = set(new.get("ManagedPolicyArns") or []), set(old.get("ManagedPolicyArns") or [])
    calls = []
    if any(inline_old.get(name) != document for name, document in inline_new.items()):
        calls.append(Need("iam:PutRolePolicy", arn, bounded))
    if set(inline_old) - set(inline_new):
        calls.append(Need("iam:DeleteRolePolicy", arn, bounded))
    for policy in sorted(managed_new - managed_old):
        calls.append(Need("iam:AttachRolePolicy", arn, {**bounded, "iam:PolicyARN": policy}))
    for policy in sorted(managed_old - managed_new):
        calls.append(Need("iam:DetachRolePolicy", arn, {**bounded, "iam:PolicyARN": policy}))
    return calls


def _tag_changes(tag: str, untag: str, arn: str, new: dict[str, Any], old: dict[str, Any]) -> list[Need]:
    tags_new, tags_old = tag_pairs(new.get("Tags")), tag_pairs(old.get("Tags"))
    changed = {key: value for key, value in tags_new.items() if tags_old.get(key) != value}
    gone = [key for key in tags_old if key not in tags_new]
    calls = [Need(tag, arn, tag_context({"Tags": changed}))] if changed else []
    return calls + ([Need(untag, arn, tag_context({"TagKeys": gone}))] if gone else [])


def _user(change: str, user: Subject) -> list[Need]:
    arn = user.arn("iam", f"user{user.properties.get('Path') or '/'}{user.name}", global_service=True)
    new, old = user.properties, user.previous or {}
    managed_new, managed_old = set(new.get("ManagedPolicyArns") or []), set(old.get("ManagedPolicyArns") or [])
    bounded = _bounded(new)
    if change == "delete":
        calls = [Need("iam:GetUser", arn), Need("iam:ListUserPolicies", arn), Need("iam:ListAttachedUserPolicies", arn)]
        calls += [Need("iam:DeleteUserPolicy", arn, bounded)] * bool(new.get("Policies"))
        calls += [Need("iam:DetachUserPolicy", arn, {**bounded, "iam:PolicyARN": p}) for p in sorted(managed_new)]
        return [*calls, Need("iam:DeleteUser", arn)]
    calls = [Need("iam:CreateUser", arn, bounded) if change == "create" else Need("iam:GetUser", arn)]
    if change == "update" and user.differs("PermissionsBoundary"):
        calls.append(Need(f"iam:{'Put' if bounded else 'Delete'}UserPermissionsBoundary", arn, bounded))
    inline_new, inline_old = _names(new.get("Policies")), _names(old.get("Policies"))
    if any(inline_old.get(name) != document for name, document in inline_new.items()):
        calls.append(Need("iam:PutUserPolicy", arn, bounded))
    if set(inline_old) - set(inline_new):
        calls.append(Need("iam:DeleteUserPolicy", arn, bounded))
    attached, detached = sorted(managed_new - managed_old), sorted(managed_old - managed_new)
    calls += [Need("iam:AttachUserPolicy", arn, {**bounded, "iam:PolicyARN": p}) for p in attached]
    calls += [Need("iam:DetachUserPolicy", arn, {**bounded, "iam:PolicyARN": p}) for p in detached]
    return calls + _tag_changes("iam:TagUser", "iam:UntagUser", arn, new, old)


def _holders(policy: Subject) -> dict[str, tuple[set[str], set[str]]]:
    old = policy.previous or {}
    return {
        kind: (set(policy.properties.get(f"{kind}s") or []), set(old.get(f"{kind}s") or []))
        for kind in ("Role", "User", "Group")
    }


def _holder_arn(policy: Subject, kind: str, name: str) -> str:
    return policy.arn("iam", f"{kind.lower()}/{name}", global_service=True)


def _managed_policy(change: str, policy: Subject) -> list[Need]:
    path = policy.properties.get("Path") or "/"
    name = policy.properties.get("ManagedPolicyName") or policy.name
    arn = name if name.startswith("arn:") else policy.arn("iam", f"policy{path}{name}", global_service=True)
    calls = [Need("iam:CreatePolicy" if change == "create" else "iam:GetPolicy", arn)]
    if change == "update" and policy.differs("PolicyDocument"):
        calls += [Need("iam:ListPolicyVersions", arn), Need("iam:CreatePolicyVersion", arn)]
    for kind, (new, old) in _holders(policy).items():
        attached, detached = (set(), new) if change == "delete" else (new - old, old - new)
        for verb, names in (("Attach", attached), ("Detach", detached)):
            for holder in sorted(names):
                context = {"iam:PolicyARN": arn}
                calls.append(Need(f"iam:{verb}{kind}Policy", _holder_arn(policy, kind, holder), context))
    if change == "delete":
        return [*calls, Need("iam:ListPolicyVersions", arn), Need("iam:DeletePolicy", arn)]
    return calls + _tag_changes("iam:TagPolicy", "iam:UntagPolicy", arn, policy.properties, policy.previous or {})


def _inline_policy(change: str, policy: Subject) -> list[Need]:
    rewritten = policy.differs("PolicyDocument") or policy.differs("PolicyName")
    calls = []
    for kind, (new, old) in _holders(policy).items():
        put, deleted = (set(), new) if change == "delete" else (new if rewritten else new - old, old - new)
        calls += [Need(f"iam:Put{kind}Policy", _holder_arn(policy, kind, holder)) for holder in sorted(put)]
        calls += [Need(f"iam:Delete{kind}Policy", _holder_arn(policy, kind, holder)) for holder in sorted(deleted)]
    return calls


def _single_inline_policy(kind: str) -> NeedsOf:
    """AWS::IAM::RolePolicy and its like: one inline policy of one holder."""

    def needs(change: str, policy: Subject) -> list[Need]:
        verb = "Delete" if change == "delete" else "Put"
        return [Need(f"iam:{verb}{kind}Policy", _holder_arn(policy, kind, policy.properties.get(f"{kind}Name", "")))]

    return needs


def _access_key(change: str, key: Subject) -> list[Need]:
    verb = {"create": "Create", "update": "Update", "delete": "Delete"}[change]
    user = key.properties.get("UserName", "")
    return [Need(f"iam:{verb}AccessKey", key.arn("iam", f"user/{user}", global_service=True))]


def _instance_profile(change: str, profile: Subject) -> list[Need]:
    path = profile.properties.get("Path") or "/"
    arn = profile.arn("iam", f"instance-profile{path}{profile.name}", global_service=True)
    roles = profile.properties.get("Roles") or []
    if change == "delete":
        return [Need("iam:RemoveRoleFromInstanceProfile", arn)] * bool(roles) + [Need("iam:DeleteInstanceProfile", arn)]
    calls = [Need("iam:CreateInstanceProfile", arn)] if change == "create" else []
    calls += [Need("iam:AddRoleToInstanceProfile", arn)] * bool(roles)
    context = {"iam:PassedToService": "ec2.amazonaws.com"}
    return calls + [
        Need("iam:PassRole", profile.arn("iam", f"role/{role}", global_service=True), context) for role in roles
    ]


def _function(change: str, function: Subject) -> list[Need]:
    arn = function.arn("lambda", f"function:{function.name}")
    new, old = function.properties, function.previous or {}
    if change == "delete":
        return [Need("lambda:DeleteFunction", arn)]
    calls = [Need(f"lambda:{'CreateFunction' if change == 'create' else 'UpdateFunctionConfiguration'}", arn)]
    calls += [Need("lambda:UpdateFunctionCode", arn)] * (change == "update" and function.differs("Code"))
    calls += pass_role(new.get("Role"), "lambda.amazonaws.com") if function.differs("Role") else []
    calls += _tag_changes("lambda:TagResource", "lambda:UntagResource", arn, new, old)
    return [*calls, Need("lambda:GetFunction", arn)]


def _state_machine(change: str, machine: Subject) -> list[Need]:
    name = machine.properties.get("StateMachineName") or machine.name
    arn = machine.arn("states", f"stateMachine:{name.split(':')[-1]}")
    if change == "delete":
        return [Need("states:DeleteStateMachine", arn)]
    calls = [Need("states:CreateStateMachine" if change == "create" else "states:UpdateStateMachine", arn)]
    calls += pass_role(machine.properties.get("RoleArn"), "states.amazonaws.com")
    calls += _tag_changes(
        "states:TagResource", "states:UntagResource", arn, machine.properties, machine.previous or {}
    )
    return [*calls, Need("states:DescribeStateMachine", arn)]


def _log_group(change: str, group: Subject) -> list[Need]:
    arn = group.arn("logs", f"log-group:{group.properties.get('LogGroupName') or group.name}:*")
    if change == "delete":
        return [Need("logs:DeleteLogGroup", arn)]
    calls = [Need("logs:CreateLogGroup", arn)] if change == "create" else []
    if group.differs("RetentionInDays"):
        kept = group.properties.get("RetentionInDays")
        calls.append(Need("logs:PutRetentionPolicy" if kept else "logs:DeleteRetentionPolicy", arn))
    calls += _tag_changes("logs:TagResource", "logs:UntagResource", arn, group.properties, group.previous or {})
    return [*calls, Need("logs:DescribeLogGroups", group.arn("logs", "log-group:*"))]


def _topic(change: str, topic: Subject) -> list[Need]:
    arn = topic.arn("sns", topic.name.split(":")[-1])
    if change == "delete":
        return [Need("sns:DeleteTopic", arn)]
    calls = [Need("sns:CreateTopic", arn)] if change == "create" else [Need("sns:SetTopicAttributes", arn)]
    calls += [Need("sns:Subscribe", arn)] * bool(topic.properties.get("Subscription"))
    calls += _tag_changes("sns:TagResource", "sns:UntagResource", arn, topic.properties, topic.previous or {})
    return [*calls, Need("sns:GetTopicAttributes", arn)]


def _parameter(change: str, parameter: Subject) -> list[Need]:
    arn = parameter.arn("ssm", "parameter/" + (parameter.properties.get("Name") or parameter.name).lstrip("/"))
    if change == "delete":
        return [Need("ssm:DeleteParameter", arn)]
    calls = [Need("ssm:PutParameter", arn)]
    calls += _tag_changes(
        "ssm:AddTagsToResource", "ssm:RemoveTagsFromResource", arn, parameter.properties, parameter.previous or {}
    )
    return [*calls, Need("ssm:GetParameters", arn)]


def _stack_set(change: str, stack_set: Subject) -> list[Need]:
    name = stack_set.properties.get("StackSetName") or stack_set.name
    arn = stack_set.arn("cloudformation", f"stackset/{name}:*")
    verb = {"create": "Create", "update": "Update", "delete": "Delete"}[change]
    role = stack_set.properties.get("AdministrationRoleARN") if change != "delete" else None
    calls = [Need(f"cloudformation:{verb}StackSet", arn), *pass_role(role, "cloudformation.amazonaws.com")]
    return calls if change == "delete" else [*calls, Need("cloudformation:DescribeStackSet", arn)]


def _portfolio_principal(change: str, association: Subject) -> list[Need]:
    portfolio = association.arn("catalog", f"portfolio/{association.properties.get('PortfolioId')}")
    if change == "delete":
        return [Need("servicecatalog:DisassociatePrincipalFromPortfolio", portfolio)]
    calls = [Need("servicecatalog:AssociatePrincipalWithPortfolio", portfolio)]
    if change == "update":
        calls.append(Need("servicecatalog:DisassociatePrincipalFromPortfolio", portfolio))
    return [*calls, Need("servicecatalog:ListPrincipalsForPortfolio", portfolio)]


def _organization_policy(change: str, policy: Subject) -> list[Need]:
    arn = policy.arn("organizations", f"policy/o-*/*/{policy.name}", global_service=True)
    verb = {"create": "Create", "update": "Update", "delete": "Delete"}[change]
    attached = set() if change == "delete" else set(policy.properties.get("TargetIds") or [])
    before = set((policy.previous or policy.properties if change != "create" else {}).get("TargetIds") or [])
    calls = [Need(f"organizations:{verb}Policy", arn)]
    calls += [Need("organizations:AttachPolicy", arn)] * bool(attached - before)
    calls += [Need("organizations:DetachPolicy", arn)] * bool(before - attached)
    return [*calls, Need("organizations:ListTargetsForPolicy", arn)]


def _plain(service: str, rest: str, create: str, update: str, delete: str) -> NeedsOf:
    """A type whose changes need one call each."""

    def needs(change: str, subject: Subject) -> list[Need]:
        action = {"create": create, "update": update, "delete": delete}[change]
        arn = f"arn:aws:s3:::{subject.name}" if service == "s3" else subject.arn(service, rest.format(subject.name))
        return [Need(f"{service}:{action}", arn)]

    return needs


def _on_all(service: str, create: str, update: str, delete: str) -> NeedsOf:
    """A type whose changes need one call each, on "*"."""

    def needs(change: str, subject: Subject) -> list[Need]:
        action = {"create": create, "update": update, "delete": delete}[change]
        return [Need(f"{service}:{action}")]

    return needs


NEEDED_CALLS: dict[str, NeedsOf] = {
    "AWS::IAM::Role": _role,
    "AWS::IAM::User": _user,
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::IAM::Policy": _inline_policy,
    "AWS::IAM::RolePolicy": _single_inline_policy("Role"),
    "AWS::IAM::UserPolicy": _single_inline_policy("User"),
    "AWS::IAM::AccessKey": _access_key,
    "AWS::IAM::InstanceProfile": _instance_profile,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::Version": _plain("lambda", "function:*", "PublishVersion", "PublishVersion", "DeleteFunction"),
    "AWS::Lambda::Alias": _plain("lambda", "function:*", "CreateAlias", "UpdateAlias", "DeleteAlias"),
    "AWS::Lambda::Permission": _plain("lambda", "function:*", "AddPermission", "AddPermission", "RemovePermission"),
    "AWS::Lambda::EventInvokeConfig": _plain(
        "lambda",
        "function:*",
        "PutFunctionEventInvokeConfig",
        "UpdateFunctionEventInvokeConfig",
        "DeleteFunctionEventInvokeConfig",
    ),
    "AWS::StepFunctions::StateMachine": _state_machine,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::SecretsManager::Secret": _plain(
        "secretsmanager", "secret:{}-??????", "CreateSecret", "UpdateSecret", "DeleteSecret"
    ),
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::TopicPolicy": _plain("sns", "*", "SetTopicAttributes", "SetTopicAttributes", "SetTopicAttributes"),
    "AWS::SNS::Subscription": _plain("sns", "*", "Subscribe", "SetSubscriptionAttributes", "Unsubscribe"),
    "AWS::SSM::Parameter": _parameter,
    "AWS::Events::Rule": _plain("events", "rule/{}", "PutRule", "PutRule", "DeleteRule"),
    "AWS::Scheduler::Schedule": _plain(
        "scheduler", "schedule/default/{}", "CreateSchedule", "UpdateSchedule", "DeleteSchedule"
    ),
    "AWS::CloudWatch::Alarm": _plain("cloudwatch", "alarm:{}", "PutMetricAlarm", "PutMetricAlarm", "DeleteAlarms"),
    "AWS::SQS::Queue": _plain("sqs", "{}", "CreateQueue", "SetQueueAttributes", "DeleteQueue"),
    "AWS::S3::Bucket": _plain("s3", "", "CreateBucket", "PutBucketTagging", "DeleteBucket"),
    "AWS::S3::BucketPolicy": _plain("s3", "", "PutBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"),
    "AWS::CE::AnomalyMonitor": _on_all("ce", "CreateAnomalyMonitor", "UpdateAnomalyMonitor", "DeleteAnomalyMonitor"),
    "AWS::CE::AnomalySubscription": _on_all(
        "ce", "CreateAnomalySubscription", "UpdateAnomalySubscription", "DeleteAnomalySubscription"
    ),
    "AWS::CloudFormation::StackSet": _stack_set,
    "AWS::ServiceCatalog::PortfolioPrincipalAssociation": _portfolio_principal,
    "AWS::Organizations::Policy": _organization_policy,
    "AWS::CloudFormation::Stack": _plain("cloudformation", "stack/{}/*", "CreateStack", "UpdateStack", "DeleteStack"),
}
