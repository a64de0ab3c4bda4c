"""Parameters of the Parameter Store have 4 KB, those of the advanced tier 8 KB.

Source: Systems Manager User Guide, "Managing parameter tiers"; its message of the longer value. Intelligent-Tiering makes an
advanced parameter of what needs one; an advanced one does not become a standard one again.
"""

import inspect
from typing import Any

from moto.ssm.exceptions import ValidationException
from moto.ssm.models import Parameter, SimpleSystemManagerBackend

from local_aws.patches import patch

STANDARD, ADVANCED, INTELLIGENT = "Standard", "Advanced", "Intelligent-Tiering"
LONGEST = {STANDARD: 4096, ADVANCED: 8192}


@patch(SimpleSystemManagerBackend, "put_parameter")
def _put_parameter(original: Any, self: SimpleSystemManagerBackend, *arguments: Any, **given: Any) -> Parameter:
    named = inspect.signature(original).bind(self, *arguments, **given).arguments
    versions = self._parameters[named["name"]] if named["name"] in self._parameters else []
    was = (versions[-1].tier if versions else None) or STANDARD
    wanted, length = named.get("tier") or was, len((named["value"] or "").encode())
    if wanted == STANDARD and was == ADVANCED:
        raise ValidationException(
            "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter "
            "tier to the standard-parameter tier."
        )
    if wanted == INTELLIGENT:
        wanted = ADVANCED if was == ADVANCED or length > LONGEST[STANDARD] else STANDARD
    if length > LONGEST[wanted]:
        raise ValidationException(
            f"{wanted} tier parameters support a maximum parameter value of {LONGEST[wanted]} characters."
        )
    made: Parameter = original(**{**named, "tier": wanted})
    return made
