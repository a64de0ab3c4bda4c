"""A new account cannot be used at once: moto's can.

For 30 seconds after its creation no role in it can be assumed, for 15 more CloudFormation is not subscribed. Sources: Organizations API
reference, CreateAccount ("You might need to wait a few minutes before you can successfully access the account"); that CloudFormation and
EC2 answer OptInRequired then: awslabs/aws-service-catalog-products#47, awslabs/aws-deployment-framework#283. The seconds have no source;
AWS promises none, and reports differ: dfds/infrastructure-modules#51 went from 30 seconds to 60. Nobody may rely on them.
"""

import threading
import time

from local_aws.clock import scaled

ROLES_AFTER_SECONDS = 30
SERVICES_AFTER_SECONDS = 45

_created: dict[str, float] = {}
_lock = threading.Lock()


def account_created(account_id: str, at: float) -> None:
    """The creation of an account has succeeded at that time of the monotonic clock."""
    with _lock:
        _created[account_id] = at


def _age_is_at_least(account_id: str, seconds: float) -> bool:
    with _lock:
        created = _created.get(account_id)
        if created is None:
            return True
        if time.monotonic() - created < scaled(seconds):
            return False
        if seconds >= SERVICES_AFTER_SECONDS:
            del _created[account_id]
        return True


def roles_ready(account_id: str) -> bool:
    """Whether roles of the account can be assumed."""
    return _age_is_at_least(account_id, ROLES_AFTER_SECONDS)


def services_ready(account_id: str) -> bool:
    """Whether regional services answer in the account."""
    return _age_is_at_least(account_id, SERVICES_AFTER_SECONDS)
