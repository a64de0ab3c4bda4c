"""Writing under a condition, and reading what is not there.

moto looks at the condition and writes without a lock, and tells everybody that an object does not exist.
"""

import threading
from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.exceptions import MissingKey, S3AccessDeniedError
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from local_aws import callers
from local_aws.credentials import PARTITION
from local_aws.enforcement.authorization import bear_witness, identity_decision
from local_aws.enforcement.needs import Need
from local_aws.enforcement.policies import Decision, evaluate
from local_aws.patches import patch

_lock = threading.RLock()


@patch(S3Response, "put_object")
def _put_object(original: Any, self: S3Response) -> Any:
    """One write at a time: of two writers under the same condition one wins.

    Source: S3 User Guide, "How to prevent object overwrites with conditional writes".
    """
    with _lock:
        return original(self)


@patch(S3Response, "_get_key")
def _get_key(original: Any, self: S3Response, *arguments: Any, **named: Any) -> Any:
    """A missing object is NoSuchKey for those who may list the bucket, else AccessDenied (S3 API reference, GetObject)."""
    try:
        return original(self, *arguments, **named)
    except MissingKey as missing:
        raise (missing if _may_list(self.bucket_name) else S3AccessDeniedError()) from None


def _may_list(bucket: str) -> bool:
    call = callers.current()
    if call is None or call.principal is None:
        return True
    need = Need("s3:ListBucket", f"arn:{PARTITION}:s3:::{bucket}")
    allowed = identity_decision(call.principal, need, call.region) is Decision.ALLOWED
    bear_witness(call.principal, need, call.region, allowed)
    return allowed


@patch(FakeBucket, "get_permission")
def _get_permission(original: Any, self: FakeBucket, action: str, resource: str) -> Any:
    """What the policy of a bucket denies under a condition, it denies under this condition only; moto knows none.

    Source: IAM User Guide, "IAM JSON policy elements: Condition".
    """
    call = callers.current()
    if self.policy is None or call is None or call.principal is None:
        return original(self, action, resource)
    decision = evaluate([self.policy.decode()], action, resource, call.principal.context())
    return PermissionResult.DENIED if decision is Decision.EXPLICIT_DENY else PermissionResult.NEUTRAL
