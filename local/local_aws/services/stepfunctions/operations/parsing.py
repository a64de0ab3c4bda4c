"""Definitions are parsed once: moto parses the whole text for every execution, half a second of each vend.

Components are made for every execution, as before; the tree that they are made of is never changed. No source; it changes no answer.
"""

import functools
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

from local_aws.patches import patch

# More than there are machines of one organization with the states of its maps.
_MOST = 64


@functools.lru_cache(maxsize=_MOST)
def _tree(parse: Callable[[str], Any], definition: str) -> Any:
    _, tree = parse(definition)
    return tree


@patch(AmazonStateLanguageParser, "parse")
def parse(original: Callable[[str], Any], definition: str) -> tuple[Any, Any]:
    """moto: the tree is made anew each time."""
    tree = _tree(original, definition)
    return Preprocessor().visit(tree), tree
