"""SNS publishes subjects that are one line of printable ASCII, and no others.

moto takes any, or breaks.
"""

from typing import Any

from moto.sns.exceptions import InvalidParameterValue
from moto.sns.models import SNSBackend

from local_aws.patches import patch

MAXIMUM_SUBJECT = 100


@patch(SNSBackend, "publish")
def _publish(original: Any, self: SNSBackend, message: str, *arguments: Any, **named: Any) -> str:
    subject = named.get("subject")
    if subject is not None and not (
        0 < len(subject) <= MAXIMUM_SUBJECT and subject.isascii() and subject.isprintable()
    ):
        raise InvalidParameterValue("Invalid parameter: Subject")
    return str(original(self, message, *arguments, **named))
