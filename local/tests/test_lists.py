"""Pages of lists: every entry once, and no text for a token that the list has not given."""

from collections.abc import Callable
from typing import Any

import pytest
from organization import error_of

from local_aws.api import lists


class NotAToken(Exception):
    """What a service answers."""


def test_the_pages_of_a_list_have_every_entry_once() -> None:
    entries, token, pages = list(range(7)), None, []
    while True:
        shown, token = lists.page(entries, token, 3, NotAToken())
        pages.append(shown)
        if token is None:
            break
    assert pages == [[0, 1, 2], [3, 4, 5], [6]]


def test_a_full_last_page_has_no_token() -> None:
    assert lists.page([1, 2], None, 2, NotAToken()) == ([1, 2], None)
    assert lists.page([], None, 2, NotAToken()) == ([], None)


@pytest.mark.parametrize("token", ["made-up", "!", "100", 7])
def test_what_is_no_token_is_refused(token: Any) -> None:
    with pytest.raises(NotAToken):
        lists.page([1, 2], token, 1, NotAToken())


@pytest.mark.parametrize(
    ("service", "call", "request_", "code"),
    [
        ("cloudformation", "describe_stacks", {"NextToken": "made-up"}, "ValidationError"),
        ("cloudformation", "list_stack_sets", {"NextToken": "made-up"}, "ValidationError"),
        ("servicecatalog", "search_provisioned_products", {"PageToken": "made-up"}, "InvalidParametersException"),
        ("account", "list_regions", {"NextToken": "made-up"}, "ValidationException"),
    ],
)
def test_every_service_says_so_in_its_own_words(
    client: Callable[..., Any], service: str, call: str, request_: dict[str, str], code: str
) -> None:
    error = error_of(getattr(client(service, "288888888888"), call), **request_)
    assert (error["Code"], error["status"]) == (code, 400)
