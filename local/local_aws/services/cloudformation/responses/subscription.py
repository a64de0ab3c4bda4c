"""CloudFormation in a new account: not subscribed at first; roots, who set up, are let through.

moto's works in every account from the start. Sources, code and words: awslabs/aws-service-catalog-products#47,
org-formation/org-formation-cli#133.
"""

from typing import Any

from moto.cloudformation.responses import CloudFormationResponse
from moto.core.common_types import TYPE_RESPONSE

from local_aws.credentials import root_account_id
from local_aws.enforcement.responses import error_answer
from local_aws.patches import patch
from local_aws.services.account.models.readiness import services_ready

_MESSAGE = "The AWS Access Key Id needs a subscription for the service"


@patch(CloudFormationResponse, "call_action")
def _call_action(original: Any, self: CloudFormationResponse) -> TYPE_RESPONSE:
    if root_account_id(self.get_access_key()) or services_ready(self.current_account):
        answer: TYPE_RESPONSE = original(self)
        return answer
    return error_answer("cloudformation", "query", "OptInRequired", _MESSAGE, 403, "not-ready")
