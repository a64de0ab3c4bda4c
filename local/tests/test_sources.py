"""Every correction of moto names where it comes from: what AWS documents, models or answered, or why nothing does.

A correction has its source in its own docstring or in a comment beside it, else in the docstring of its file. The names of operations
and structures after "API reference" and "model" are looked up in botocore's models.
"""

import ast
import functools
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.session import Session

from local_aws import installation

PACKAGE = Path(installation.__file__).parent
CORRECTING = {"patch", "add", "replace"}
SERVICES = (
    "account cloudformation ec2 events iam lambda logs organizations resourcegroupstaggingapi s3 scheduler secretsmanager sns ssm"
    " stepfunctions sts"
).split()
_NAMES = r"([A-Z]\w+(?:(?:,| and|, and) [A-Z]\w+)*)"
# Those of operations and structures.
MODELLED = re.compile(rf"(?:API [Rr]eference(?: of [\w ]+?)?,|API [Rr]eference says of|botocore's model of) {_NAMES}")
SOURCES = (
    MODELLED,
    re.compile(r"https://[\w.-]+\.\w+/\S+"),
    # A page of a guide, by its title.
    re.compile(r"(?:[Gg]uide|[Rr]eference|Lambda|quotas of [\w ]+|Language), (?:\w[^\".]*, |its page )?\"[^\"]{5,}\""),
    re.compile(r"\b[Tt]emplate reference, AWS::\w+::\w+"),
    # An issue, or what one of its threads shows.
    re.compile(r"\b[\w.-]+(?:/[\w.-]+)?#\d+"),
    # A recording, by the tests that made it, or by the repository that holds it.
    re.compile(r"\bLocalStack, [\w/]*test_\w+"),
    re.compile(r"\brecorded in [\w.-]+/[\w.-]+"),
    # What no source decides says why it is so.
    re.compile(r"\b[Nn]o source; (?:\S+\s+){3}"),
)


@functools.cache
def modelled() -> frozenset[str]:
    """The operations and structures of the services that are corrected."""
    session, found = Session(), set[str]()
    for name in SERVICES:
        model = session.get_service_model(name)
        found.update(model.operation_names, model.shape_names)
    return frozenset(found)


def has_source(text: str) -> bool:
    """Whether a text names one, once its lines are put together."""
    return any(pattern.search(" ".join(text.split())) for pattern in SOURCES)


def corrections(tree: ast.Module) -> Iterator[ast.stmt]:
    """The functions and calls that correct, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(_corrects(one) for one in node.decorator_list):
            yield node
        elif isinstance(node, ast.Expr) and _corrects(node.value):
            yield node


def _corrects(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CORRECTING


def comments(text: str) -> dict[int, str]:
    """The comments of a file by their lines, without their sign."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {one.start[0]: one.string.removeprefix("#") for one in tokens if one.type == tokenize.COMMENT}


def said(node: ast.stmt, noted: dict[int, str]) -> str:
    """A correction's own docstring, the comments in it and those right above it."""
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    first = min([node.lineno, *(one.lineno for one in decorators)])
    above = first - 1
    while above in noted:
        above -= 1
    lines = [noted[line] for line in range(above + 1, (node.end_lineno or first) + 1) if line in noted]
    own = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
    return " ".join([own or "", *lines])


def unsourced(text: str) -> list[int]:
    """The lines of the corrections in a file that name no source, themselves or through the file."""
    tree = ast.parse(text)
    if has_source(ast.get_docstring(tree) or ""):
        return []
    noted = comments(text)
    return [node.lineno for node in corrections(tree) if not has_source(said(node, noted))]


FILES = {
    file.relative_to(PACKAGE).as_posix(): text
    for file in sorted(PACKAGE.rglob("*.py"))
    if "from local_aws.patches import" in (text := file.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("file", FILES)
def test_every_correction_names_its_source(file: str) -> None:
    assert unsourced(FILES[file]) == []


@pytest.mark.parametrize("file", FILES)
def test_what_a_source_names_is_in_the_models(file: str) -> None:
    text = FILES[file]
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)]
    told = [ast.get_docstring(node) or "" for node in nodes] + [" ".join(comments(text).values())]
    named = {name for one in told for found in MODELLED.findall(" ".join(one.split())) for name in re.findall(r"[A-Z]\w+", found)}
    assert named - modelled() == set()


def test_files_with_corrections_are_found() -> None:
    assert len(FILES) > 50
    assert sum(len(list(corrections(ast.parse(text)))) for text in FILES.values()) > 150


@pytest.mark.parametrize(
    "text",
    [
        "Account Management API reference, EnableRegion",
        'IAM User Guide, "IAM and AWS STS quotas"',
        "https://docs.aws.amazon.com/accounts/latest/reference/quotas.html",
        "recorded in getmoto/moto's tests",
        "CloudFormation template reference, AWS::IAM::Role",
        "hashicorp/terraform-provider-aws#35031",
        "LocalStack, cloudformation/api/test_stacks, recorded on AWS",
        "No source; moto's own way of keeping things is replaced by a faster one",
        "botocore's model of CreateStack\nand its errors",
    ],
)
def test_a_source_is_one(text: str) -> None:
    assert has_source(text)


@pytest.mark.parametrize("text", ["as on AWS", "AWS documents it", "the user guide", "no source;", "see the reference", "a recorded answer"])
def test_a_hint_at_a_source_is_none(text: str) -> None:
    assert not has_source(text)


def test_a_correction_without_a_source_is_found() -> None:
    bare = '"""A file."""\n\n# As AWS does it.\n@patch(Owner, "name")\ndef corrected(original):\n    """Words."""\n\n\nreplace(Owner, "limit", 2)\n'
    assert unsourced(bare) == [5, 9]
    assert unsourced(bare.replace("Words.", "See owner/repository#1.")) == [9]
    assert unsourced(bare.replace("As AWS does it.", "See owner/repository#1.")) == [9]
    assert unsourced(bare.replace("A file.", "A file. See owner/repository#1.")) == []
