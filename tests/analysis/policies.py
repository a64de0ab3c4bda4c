"""The IAM documents of the templates and of the downgrade, as AWS would get them: intrinsic functions become samples.

A sample is a plausible name or ARN; where a condition decides, the document is that in which everything is on.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

REPOSITORY = Path(__file__).resolve().parent.parent.parent
TEMPLATES = [REPOSITORY / "template.yaml", *sorted(REPOSITORY.glob("templates/*.yaml"))]
# The template that includes another as text, and puts its own parameters in.
INCLUDING = REPOSITORY / "templates" / "landing-zone.yaml"
DOWNGRADES = sorted(REPOSITORY.glob("shared/core/tests/fixtures/minimum-policy-*.json"))

_PSEUDO_PARAMETERS = {
    "AWS::AccountId": "222222222222",
    "AWS::NoValue": None,
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "avm",
    "AWS::URLSuffix": "amazonaws.com",
}
# What the ARN of a resource looks like; its name stands for {}.
_ARNS = {
    "AWS::CE::AnomalyMonitor": "arn:aws:ce::222222222222:anomalymonitor/{}",
    "AWS::IAM::ManagedPolicy": "arn:aws:iam::222222222222:policy/{}",
    "AWS::IAM::Role": "arn:aws:iam::222222222222:role/{}",
    "AWS::IAM::User": "arn:aws:iam::222222222222:user/{}",
    "AWS::Logs::LogGroup": "arn:aws:logs:eu-central-1:222222222222:log-group:{}:*",
    "AWS::S3::Bucket": "arn:aws:s3:::{}",
    "AWS::SNS::Topic": "arn:aws:sns:eu-central-1:222222222222:{}",
    "AWS::Serverless::Function": "arn:aws:lambda:eu-central-1:222222222222:function:{}",
    "AWS::Serverless::StateMachine": "arn:aws:states:eu-central-1:222222222222:stateMachine:{}",
}
_REFERRED_BY_NAME = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::Logs::LogGroup", "AWS::S3::Bucket")
_NAMES = ("RoleName", "UserName", "LogGroupName", "TopicName", "FunctionName", "Name")
_REFERENCE = re.compile(r"\$\{([^!}][^}]*)\}")


class Policy(NamedTuple):
    """A document, with where it stands: `template.yaml AVMEnrollFunctionRole EnrollAccounts`."""

    where: str
    document: dict[str, Any]


class _Loader(yaml.SafeLoader):
    """Reads `!Ref x` as {"Ref": "x"}, `!Sub x` as {"Fn::Sub": "x"}."""


def _tagged(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tagged)


def text_of(path: Path) -> str:
    """The text of a template; of one that another includes as text, what becomes of it there."""
    text = path.read_text("utf-8")
    included = yaml.load(text, Loader=_Loader).get("Fn::Sub")
    if not included:
        return text
    text, names = included
    for name, value in names.items():
        text = text.replace(f"${{{name}}}", _inserted(value))
    return Template(INCLUDING).substituted(text).replace("${!", "${")


def _inserted(value: Any) -> str:
    """What is put in for a name: where a condition decides, what it is where that holds. Nothing in a text is put in any more."""
    if isinstance(value, str):
        return value.replace("${", "${!")
    if "Fn::If" in value:
        return _inserted(value["Fn::If"][1])
    if "Fn::Join" in value:
        return "".join(map(_inserted, value["Fn::Join"][1]))
    return f"${{{value['Ref']}}}"


class Template:
    """A template whose intrinsic functions can be resolved."""

    def __init__(self, path: Path) -> None:
        self.name = str(path.relative_to(REPOSITORY))
        self._document = yaml.load(text_of(path), Loader=_Loader)
        self._parameters = self._document.get("Parameters", {})
        self._resources = self._document["Resources"]

    def resources(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Logical id, type and resolved properties of each."""
        for logical_id, resource in self._resources.items():
            yield logical_id, resource["Type"], self._resolved(resource.get("Properties", {}))

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, list):
            return [one for one in map(self._resolved, value) if one is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, argument), *_ = value.items()
            if function == "Ref":
                return self._referred(argument)
            if function.startswith("Fn::"):
                return self._computed(function.removeprefix("Fn::"), argument)
        return {key: self._resolved(inner) for key, inner in value.items()}

    def _computed(self, function: str, argument: Any) -> Any:
        if function == "If":
            return self._resolved(argument[1])
        if function == "Transform":
            # What is included is looked at by itself.
            return None
        if function == "GetAtt":
            logical_id, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
            if attribute.startswith("Outputs."):
                return self._output(logical_id, attribute.removeprefix("Outputs."))
            return self._arn(logical_id) if attribute == "Arn" else self._name(logical_id)
        if function == "Base64":
            return self._resolved(argument)
        if function == "Join":
            return argument[0].join(self._resolved(argument[1]))
        if function == "Split":
            return self._resolved(argument[1]).split(argument[0])
        if function == "Sub" and isinstance(argument, str):
            return self.substituted(argument)
        raise ValueError(f"{self.name}: there is no sample for Fn::{function} {argument}")

    def substituted(self, text: str) -> str:
        """A text with samples in it."""
        return _REFERENCE.sub(lambda match: str(self._in_text(match[1])), text)

    def _in_text(self, name: str) -> Any:
        logical_id, _, attribute = name.partition(".")
        return self._computed("GetAtt", [logical_id, attribute]) if attribute else self._referred(name)

    def _referred(self, name: str) -> Any:
        if name in _PSEUDO_PARAMETERS:
            return _PSEUDO_PARAMETERS[name]
        if name in self._parameters:
            return _sample(name, self._parameters[name])
        if name.endswith(".Version"):
            return f"{self._arn(name.removesuffix('.Version'))}:1"
        return self._name(name) if self._resources[name]["Type"] in _REFERRED_BY_NAME else self._arn(name)

    def _name(self, logical_id: str) -> str:
        properties = self._resources[logical_id]["Properties"]
        return str(next((self._resolved(properties[key]) for key in _NAMES if key in properties), logical_id))

    def _output(self, logical_id: str, name: str) -> Any:
        inner = Template(REPOSITORY / self._resources[logical_id]["Properties"]["Location"])
        return inner._resolved(inner._document["Outputs"][name]["Value"])

    def _arn(self, logical_id: str) -> str:
        return _ARNS[self._resources[logical_id]["Type"]].format(self._name(logical_id))


def _sample(name: str, parameter: dict[str, Any]) -> Any:
    if parameter["Type"] == "CommaDelimitedList":
        return [_sample(name.removesuffix("s"), {**parameter, "Type": "String"})]
    if parameter.get("Default") not in (None, ""):
        return parameter["Default"]
    endings = {
        "AccountId": "111111111111",
        "GroupId": "11111111-2222-3333-4444-555555555555",
        "SecretArn": "arn:aws:secretsmanager:eu-central-1:222222222222:secret:avm/scim-token-AbCdEf",
        "InstanceArn": "arn:aws:sso:::instance/ssoins-1111222233334444",
        "KeyArn": "arn:aws:kms:eu-central-1:222222222222:key/11111111-2222-3333-4444-555555555555",
        "StoreId": "d-1111222233",
        "TopicArn": "arn:aws:sns:eu-central-1:222222222222:avm-failures",
        "FailureTopic": "arn:aws:sns:eu-central-1:222222222222:avm-failures",
        "PermissionDowngrade": "arn:aws:lambda:eu-central-1:222222222222:function:PermissionDowngrade",
        "ProductId": "prod-aaaabbbbcccc2",
        "PortfolioId": "port-aaaabbbbcccc2",
    }
    return next((sample for ending, sample in endings.items() if name.endswith(ending)), f"sample-of-{name}")


def identity_policies() -> Iterator[Policy]:
    """What roles and users may do."""
    for path in TEMPLATES:
        template = Template(path)
        for logical_id, kind, properties in template.resources():
            for inline in properties.get("Policies", []) if kind.startswith("AWS::IAM::") else []:
                yield Policy(f"{template.name} {logical_id} {inline['PolicyName']}", inline["PolicyDocument"])
            if kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy"):
                yield Policy(f"{template.name} {logical_id}", properties["PolicyDocument"])
    for path in DOWNGRADES:
        yield Policy(f"{path.stem}", json.loads(path.read_text("utf-8")))


def trust_policies() -> Iterator[Policy]:
    """Who may become a role."""
    for path in TEMPLATES:
        template = Template(path)
        for logical_id, kind, properties in template.resources():
            if kind == "AWS::IAM::Role":
                yield Policy(f"{template.name} {logical_id} trust", properties["AssumeRolePolicyDocument"])


def topic_policies() -> Iterator[Policy]:
    """Who may publish to a topic."""
    for path in TEMPLATES:
        template = Template(path)
        for logical_id, kind, properties in template.resources():
            if kind == "AWS::SNS::TopicPolicy":
                yield Policy(f"{template.name} {logical_id}", properties["PolicyDocument"])


if __name__ == "__main__":
    # For tools that read a template from their standard input.
    print(text_of(Path(sys.argv[1]).resolve()), end="")
