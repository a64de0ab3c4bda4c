"""AWS takes so many requests of an account a second, and refuses the rest. A mode; AWS is so always.

With AVM_LOCAL_RATES=published each call takes a token from the end of the deployment on, at the rates in `published.yaml`, in
seconds of AWS. The keys of roots are free: only the local AWS has them, for looking on.
"""

import os
import threading
from collections import Counter

from local_aws import clock
from local_aws.enforcement.calls import Call
from local_aws.faults import codes
from local_aws.rates import published

RATES_VARIABLE = "AVM_LOCAL_RATES"
PUBLISHED = "published"

# Tokens left, and when they were counted, by account, region and what shares them.
_buckets: dict[tuple[str, str, str, str], tuple[float, float]] = {}
_refused: Counter[str] = Counter()
_lock = threading.Lock()
_is_on = False


def wanted() -> bool:
    """Whether the environment asks for them."""
    text = os.environ.get(RATES_VARIABLE, "").strip()
    if text not in ("", PUBLISHED):
        raise ValueError(f"{RATES_VARIABLE} must be {PUBLISHED} or nothing, not {text!r}")
    return text == PUBLISHED


def begin(is_on: bool) -> None:
    """From now on they hold, with full buckets, or none does."""
    global _is_on
    with _lock:
        _is_on = is_on
        _buckets.clear()
        _refused.clear()


def refused() -> dict[str, int]:
    """How many calls of each operation were one too many."""
    with _lock:
        return dict(_refused)


def take(call: Call) -> codes.Words | None:
    """Takes a token for a call; the service's error where there is none."""
    scale = clock.time_scale()
    if not _is_on or not scale or (call.principal is not None and call.principal.is_root):
        return None
    rate = published.find(call.service, call.action, call.parameters)
    if rate is None or rate.per_second is None:
        return None
    account_id = call.principal.account_id if call.principal is not None else ""
    key = (account_id, call.region, call.service, rate.bucket(call.action))
    with _lock:
        now = clock.now()
        tokens, counted = _buckets.get(key, (rate.burst, now))
        tokens = min(rate.burst, tokens + (now - counted) / scale * rate.per_second)
        has_token = tokens >= 1
        _buckets[key] = (tokens - 1 if has_token else tokens, now)
        if not has_token:
            _refused[f"{call.service}:{call.action}"] += 1
    return None if has_token else codes.throttled(call.service)
