"""SNS publishes subjects that are one line of printable ASCII, begin with no blank and have 100 characters at most, and no others.

Sources: SNS API reference, Publish, which said ASCII that begins with a letter, number or punctuation mark, and says UTF-8 in newer models;
Managed Service for Prometheus User Guide, "Understanding Amazon SNS message validation rules", still says ASCII: here the stricter one holds.
That "less than 100 characters" are 100 at most was found on AWS (getmoto/moto#1503). moto takes any, or breaks.
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
        0 < len(subject) <= MAXIMUM_SUBJECT and subject.isascii() and subject.isprintable() and subject[0] != " "
    ):
        raise InvalidParameterValue("Invalid parameter: Subject")
    return str(original(self, message, *arguments, **named))
