"""A new account cannot be used at once: moto's can.

For 30 seconds after its creation no role in it can be assumed, for 15 more CloudFormation is not subscribed.
"""

import threading
import time

from moto.cloudformation.responses import CloudFormationResponse
from moto.core.common_types import TYPE_RESPONSE

from local_aws.clock import scaled
from local_aws.credentials import root_account_id
from local_aws.enforcement.responses import error_answer

ROLES_AFTER_SECONDS = 30
SERVICES_AFTER_SECONDS = 45
_SUBSCRIPTION_MESSAGE = "The AWS Access Key Id needs a subscription for the service"

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


def install() -> None:
    """moto's CloudFormation works in every account from the start; roots, who set up, are let through."""
    call_action = CloudFormationResponse.call_action

    def when_ready(self: CloudFormationResponse) -> TYPE_RESPONSE:
        if root_account_id(self.get_access_key()) or services_ready(self.current_account):
            return call_action(self)
        return error_answer(
            "cloudformation", "query", "OptInRequired", _SUBSCRIPTION_MESSAGE, 403, "not-ready"
        )

    CloudFormationResponse.call_action = when_ready
