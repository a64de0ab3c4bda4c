"""Old answers to reads, as eventual consistency gives them: what was made or changed a moment ago is not seen yet.

Old is what the same read has answered before, or an answer without what was made since; anything else would be no
answer that AWS could have given, so then the read is answered as it is.
"""

import json
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from moto.organizations.models import organizations_backends

from local_aws.credentials import PARTITION
from local_aws.enforcement.calls import Call
from local_aws.enforcement.responses import Application
from local_aws.faults import missing
from local_aws.faults.fault import is_read

_NAMING = re.compile("(Name|Id|ID|Arn|ARN|Alias|Identifier)$")
_MAKING = ("Create", "Put", "Add", "Attach", "Provision", "Start", "Enable", "Tag")


@dataclass(frozen=True)
class Answer:
    """An answer as it goes over the wire."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    differs: bool = False

    def write(self, start_response: Any) -> Iterable[bytes]:
        """Sends it."""
        headers = [(name, value) for name, value in self.headers if name.lower() != "content-length"]
        start_response(self.status, [*headers, ("Content-Length", str(len(self.body)))])
        return [self.body]


@dataclass
class _Memory:
    """What one vend has read and made so far."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)


_memories: dict[str, _Memory] = {}
_lock = threading.Lock()


def remember(event: str, call: Call, application: Application, environ: dict[str, Any]) -> Answer:
    """Runs a call of the vend that the event belongs to, and keeps what a later old answer needs."""
    given = _run(application, environ)
    leaves = _names_in(call.parameters) | _names_in(_document(given.body))
    with _lock:
        memory = _memories.setdefault(event, _Memory())
        if is_read(call.action):
            memory.answers.setdefault(_key(call), []).append(given)
            memory.seen |= leaves
        elif given.status.startswith("2") and call.action.startswith(_MAKING):
            memory.made |= leaves - memory.seen
    return given


def answer(event: str, call: Call, application: Application, environ: dict[str, Any]) -> Answer:
    """The old answer to a read; the true one, which does not differ, where there is no old one."""
    with _lock:
        memory = _memories.pop(event, _Memory())
    given = _run(application, environ)
    before = memory.answers.get(_key(call), [])
    former = next((one for one in reversed(before) if _content(one) != _content(given)), None)
    if former is not None:
        return Answer(former.status, former.headers, former.body, differs=True)
    if before or not given.status.startswith("2"):
        return given
    return _without(given, call, memory.made) or given


def _without(given: Answer, call: Call, made: set[str]) -> Answer | None:
    for name, leaf in _named_leaves(call.parameters):
        if leaf in made or _is_member(leaf):
            refusal = missing.not_found(call, name, leaf)
            if refusal is not None:
                status, headers, body = refusal
                return Answer(f"{status} Old", list(headers.items()), body.encode(), differs=True)
    shortened = _shortened(given.body, made)
    return Answer(given.status, given.headers, shortened, differs=True) if shortened else None


def _run(application: Application, environ: dict[str, Any]) -> Answer:
    seen: list[Any] = ["500 Failed", []]

    def keep(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        seen[:] = [status, list(headers)]

    result = application(environ, keep)
    try:
        body = b"".join(result)
    finally:
        if hasattr(result, "close"):
            result.close()
    return Answer(seen[0], seen[1], body)


def _key(call: Call) -> str:
    account = call.principal.account_id if call.principal else ""
    parameters = json.dumps(call.parameters, sort_keys=True, default=str)
    return f"{account} {call.service}:{call.action} {call.region} {parameters}"


def _names_in(document: Any) -> set[str]:
    """What a document names: the values of members such as RoleName, Id or Arn."""
    leaves = _texts(document) if isinstance(document, ElementTree.Element) else _named_leaves(document)
    return {leaf for name, leaf in leaves if _NAMING.search(name) and not name.lower().endswith("requestid")}


def _content(answer: Answer) -> list[str]:
    """What an answer says, without the id of its request."""
    document = _document(answer.body)
    if isinstance(document, ElementTree.Element):
        return [text for tag, text in _texts(document) if not tag.lower().endswith("requestid")]
    return [*_leaves(document)]


def _document(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        pass
    try:
        return ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return None


def _texts(element: ElementTree.Element) -> Iterator[tuple[str, str]]:
    for one in element.iter():
        if one.text and one.text.strip():
            yield one.tag.rsplit("}", 1)[-1], one.text.strip()


def _leaves(document: Any) -> Iterator[str]:
    if isinstance(document, ElementTree.Element):
        yield from (text for tag, text in _texts(document) if not tag.lower().endswith("requestid"))
    else:
        yield from (leaf for _, leaf in _named_leaves(document))


def _named_leaves(document: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(document, dict):
        for key, value in document.items():
            yield from _named_leaves(value, str(key))
    elif isinstance(document, list | tuple):
        for value in document:
            yield from _named_leaves(value, name)
    elif document is not None:
        yield name, str(document)


def _is_member(leaf: str) -> bool:
    """Whether it is the id of an account that was made, and not the first one of its organization."""
    if len(leaf) != 12 or not leaf.isdigit():
        return False
    management_id, _ = organizations_backends.master_accounts.get(leaf, (leaf, PARTITION))
    return management_id != leaf


def _mentions(leaves: Iterable[str], made: set[str]) -> bool:
    return any(
        leaf in made or _is_member(leaf) or leaf.rsplit("/", 1)[-1] in made or _is_member(leaf.rsplit("/", 1)[-1])
        for leaf in leaves
    )


def _shortened(body: bytes, made: set[str]) -> bytes | None:
    """The answer without the elements of its lists that were made; None where there are none."""
    document = _document(body)
    if isinstance(document, ElementTree.Element):
        namespace = document.tag.partition("}")[0].lstrip("{")
        if not _shorten_xml(document, made):
            return None
        return ElementTree.tostring(document, encoding="utf-8", default_namespace=namespace or None)
    if isinstance(document, dict) and _shorten_json(document, made):
        return json.dumps(document).encode()
    return None


def _shorten_json(document: dict[str, Any], made: set[str]) -> bool:
    shorter = False
    for name, value in document.items():
        if isinstance(value, list):
            document[name] = [one for one in value if not _mentions(_leaves(one), made)]
            shorter = shorter or len(document[name]) < len(value)
    return shorter


def _shorten_xml(document: ElementTree.Element, made: set[str]) -> bool:
    shorter = False
    for parent in list(document.iter()):
        for child in list(parent):
            tag = child.tag.rsplit("}", 1)[-1]
            if tag in ("member", "item") and _mentions((text for _, text in _texts(child)), made):
                parent.remove(child)
                shorter = True
    return shorter
