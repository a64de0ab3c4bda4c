"""JSONata in state machines, evaluated by jsonata-python as AWS documents it.

moto has no evaluator (it calls None) and pastes variables into the expression's text, unescaped. Sources: Step Functions Developer Guide,
"Transforming data with JSONata in Step Functions"; LocalStack, stepfunctions/v2/assign/test_assign_reference_variables, recorded on AWS.
"""

import hashlib
import json
import random
import uuid
from typing import Any

from jsonata import Jsonata
from jsonata.jexception import JException
from jsonata.utils import Utils
from moto.stepfunctions.parser.asl.component.common.query_language import QueryLanguageMode
from moto.stepfunctions.parser.asl.component.common.string import string_expression
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from local_aws.patches import patch
from local_aws.services.stepfunctions.operations import evaluation, recording

_HASHES = {
    "MD5": hashlib.md5,
    "SHA-1": hashlib.sha1,
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
}


class UndefinedResult(Exception):
    """The expression returned nothing."""


def _partition(array: list[Any], size: int) -> list[Any]:
    return [array[start : start + size] for start in range(0, len(array), size)]


def _range(first: int, last: int, step: int) -> list[int]:
    return list(range(first, last + (1 if step > 0 else -1), step))


def _hash(value: str, algorithm: str) -> str:
    return _HASHES[algorithm](value.encode()).hexdigest()


def _random(seed: float | None = None) -> float:
    return random.random() if seed is None else random.Random(seed).random()


def _count(value: Any) -> int:
    """A value that is no array counts as one, null too (JSONata, count()); jsonata-python counts no null."""
    return len(value) if isinstance(value, list) else int(value is not None)


# The functions that Step Functions adds to JSONata, and one that jsonata-python has otherwise.
_STEP_FUNCTIONS = {
    "count": _count,
    "partition": _partition,
    "range": _range,
    "hash": _hash,
    "random": _random,
    "uuid": lambda: str(uuid.uuid4()),
    "parse": json.loads,
}


def _plain(value: Any) -> Any:
    """The result as JSON values: no sequences of the evaluator, no shared parts of a variable."""
    if value is Utils.NULL_VALUE:
        return None
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise TypeError("the result is a function, which is no JSON value")


def _bound(value: Any) -> Any:
    """A value for the evaluator, which takes Python's None for undefined; a copy, since it may change it."""
    if value is None:
        return Utils.NULL_VALUE
    if isinstance(value, dict):
        return {key: _bound(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_bound(entry) for entry in value]
    return value


def evaluate(expression: str, bindings: dict[str, Any]) -> Any:
    """The value of an expression; bindings are the variables without their `$`."""
    compiled = Jsonata(expression)
    compiled.set_output_convert_nulls(False)
    for name, function in _STEP_FUNCTIONS.items():
        compiled.register_lambda(name, function)
    result = compiled.evaluate(None, {name: _bound(value) for name, value in bindings.items()})
    if result is None:
        raise UndefinedResult
    return _plain(result)


def _states(env: Environment) -> dict[str, Any]:
    """`$states`: result and errorOutput exist only where the state has them."""
    data = {
        key: value
        for key, value in env.states._states_data.items()
        if key in ("input", "context") or value is not None
    }
    # Through JSON: the context holds values of the engine's own types.
    return json.loads(to_json_str(data))


def _variables(env: Environment) -> dict[str, Any]:
    store = env.variable_store
    return {**store._outer_scope, **store._inner_scope}


def _evaluate_in_state(env: Environment, expression: str) -> Any:
    bindings = {"states": _states(env), **_variables(env)}
    recording.keep(expression, bindings)
    try:
        return evaluate(expression, bindings)
    except UndefinedResult:
        problem = "returned nothing (undefined)."
    except JException as error:
        problem = f"threw an error during evaluation. {error.error}: {error}"
    except Exception as error:
        problem = f"threw an error during evaluation. {error}"
    raise evaluation.failure(env, expression, problem)


@patch(string_expression.StringJSONata, "_eval_body")
def _string_jsonata(_: Any, self: string_expression.StringJSONata, env: Environment) -> None:
    env.stack.append(_evaluate_in_state(env, self.expression))


@patch(string_expression.StringVariableSample, "_eval_body")
def _string_variable_sample(
    _: Any, self: string_expression.StringVariableSample, env: Environment
) -> None:
    if self.query_language_mode == QueryLanguageMode.JSONata:
        env.stack.append(_evaluate_in_state(env, self.expression))
        return
    # JSONPath reads variables as `$name.path`, which is JSONata as well.
    try:
        env.stack.append(evaluate(self.expression, _variables(env)))
    except (UndefinedResult, JException) as error:
        raise evaluation.failure(env, self.expression, f"threw an error during evaluation. {error}") from error
