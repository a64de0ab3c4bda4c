"""The inline policies of a role have 10,240 characters together, without their white space (IAM User Guide, "IAM and AWS STS quotas").

moto takes any number.
"""

import re
from typing import Any

from moto.iam.exceptions import LimitExceededException
from moto.iam.models import IAMBackend

from local_aws.patches import patch

LONGEST = 10_240


def _length(document: str) -> int:
    return len(re.sub(r"\s", "", document))


@patch(IAMBackend, "put_role_policy")
def _put_role_policy(
    original: Any, self: IAMBackend, role_name: str, policy_name: str, policy_json: str
) -> None:
    others = (text for name, text in self.get_role(role_name).policies.items() if name != policy_name)
    if _length(policy_json) + sum(_length(text) for text in others) > LONGEST:
        raise LimitExceededException(f"Maximum policy size of {LONGEST} bytes exceeded for role {role_name}")
    original(self, role_name, policy_name, policy_json)
