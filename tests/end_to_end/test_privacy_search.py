"""The search of `test_zz_privacy.py` against planted secrets: it finds each of them in every encoding.

No local AWS is needed here.
"""

import base64
import json
import re
from urllib.parse import quote

import pytest
from privacy import Search, decoded

EXTERNAL_ID = "0b53a1c2-7d77-4f53-9b0e-1f5c7a4fd001"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SEARCH = Search({"the ExternalId": [EXTERNAL_ID], "a secret key": [SECRET_KEY]})
NOWHERE = re.compile(r"(?!)")
ADDRESSES = [
    "ada@example.com",
    "aws+space.shop@example.com",
    "O'Brien@mail.Example.co.uk",
    "delphi@secret.example",
    "x@y.io",
]


def encodings(text: str) -> dict[str, str]:
    """The text in every form in which a log or a message may hold it."""
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in text)
    return {
        "plain": text,
        "in words": f"the value '{text}', which is taken.",
        "percent": quote(text, safe=""),
        "percent twice": quote(quote(text, safe=""), safe=""),
        "JSON": json.dumps({"a": text}),
        "JSON in JSON": json.dumps({"a": json.dumps({"b": text})}),
        "Unicode escapes": escaped,
        "Unicode escapes in JSON": json.dumps({"a": escaped}),
        "HTML": "".join(f"&#{ord(letter)};" for letter in text),
        "HTML, hexadecimal": "".join(f"&#x{ord(letter):x};" for letter in text),
        "query": f"https://example.org/?q={quote(text, safe='')}&page=2",
    }


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_found_in_every_encoding(address):
    missed = [name for name, text in encodings(address).items() if "an address" not in SEARCH.kinds_in(text)]
    assert missed == []


@pytest.mark.parametrize(("kind", "secret"), [("the ExternalId", EXTERNAL_ID), ("a secret key", SECRET_KEY)])
def test_a_known_secret_is_found_in_every_encoding(kind, secret):
    missed = [name for name, text in encodings(secret).items() if kind not in SEARCH.kinds_in(text)]
    assert missed == []
    assert kind in SEARCH.kinds_in(secret.encode().hex())
    assert [place for place in range(20) if kind not in SEARCH.kinds_in("-" * place + secret)] == []
    assert kind not in SEARCH.kinds_in(secret[1:] + secret[:1])
    for before in ("", "a", "ab", "abc"):
        for after in ("", "x", "xy", "xyz"):
            encoded = base64.b64encode(f"{before}{secret}{after}".encode()).decode()
            assert kind in SEARCH.kinds_in(f"Authorization: Basic {encoded}"), (before, after)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("an access key id", "Credential=ASIAIOSFODNN7EXAMPLE/20261126/eu-central-1"),
        ("an access key id", '{"AccessKeyId":"AKIAIOSFODNN7EXAMPLE"}'),
        ("a session token", "X-Amz-Security-Token: IQoJb3JpZ2luX2VjE" + "a" * 60),
        ("a session token", "token=FQoGZXIvYXdzE" + "Bc9" * 30),
        ("a private key", "-----BEGIN RSA PRIVATE KEY-----"),
    ],
)
def test_credentials_are_found_by_their_form(kind, text):
    assert kind in SEARCH.kinds_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "<e-mail> is taken. Remedy: choose another e-mail address",
        "arn:aws:iam::111122223333:role/MeshstackAccountAccessRole",
        "retry 100 %, user@host, a@b, \\u00e4, 50%40",
        "ASIA and AKIA are how access keys begin",
        "AROAIOSFODNN7EXAMPLE is the id of a role",
    ],
)
def test_other_words_are_not_found(text):
    assert SEARCH.kinds_in(text) == set()


def test_a_document_may_hold_addresses_only_where_it_says_so():
    document = {
        "input": json.dumps({"Order": {"Request": {"AccountEmail": ADDRESSES[0], "Stage": "shop"}}}),
        "cause": f"no user {ADDRESSES[1]}",
        ADDRESSES[2]: 1,
        "list": [{"AccountEmail": ADDRESSES[3]}],
    }
    found = SEARCH.in_document("event 7", document, re.compile(r"\.Request\.AccountEmail$"))
    places = {finding.where.removeprefix("event 7: ") for finding in found}
    assert places == {".cause", ".(key)", ".list.*.AccountEmail"}
    assert len(SEARCH.in_document("event 7", document, NOWHERE)) == 4


def test_a_secret_is_found_where_an_address_may_be():
    document = {"Request": {"AccountEmail": f"{EXTERNAL_ID}@example.com"}}
    (found,) = SEARCH.in_document("event 7", document, re.compile(r"\.AccountEmail$"))
    assert found.kind == "the ExternalId"


def test_what_is_found_is_not_shown():
    found = SEARCH.in_text("the log", f"{ADDRESSES[0]} {EXTERNAL_ID} {SECRET_KEY}")
    assert len(found) == 3
    assert not any(secret in str(found) for secret in (ADDRESSES[0], EXTERNAL_ID, SECRET_KEY))


def test_a_secret_too_short_to_be_told_from_words_is_refused():
    with pytest.raises(ValueError, match="too short"):
        Search({"the ExternalId": ["vend"]})


def test_escapes_are_undone_however_often_they_were_applied():
    assert decoded(json.dumps(json.dumps("\\u0040"))).strip('\\"') == "@"
