"""IAM needs of the Control Tower API: landing zones, baselines and enabled baselines have ARNs, lists have none.

A landing zone may be named by its identifier alone.
"""

from local_aws.enforcement.needs import ANY, Need, Parameters, Scope, tag_context
from local_aws.enforcement.reference import dependent_actions, resource_kinds

# By kind of resource, which the reference has: the parameter that names one, which it has not.
_IDENTIFIERS = {
    "Baseline": "baselineIdentifier",
    "EnabledBaseline": "enabledBaselineIdentifier",
    "LandingZone": "landingZoneIdentifier",
}
_TAG = "controltower:TagResource"


def needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    """The needs of a call of Control Tower."""
    name, context = f"controltower:{action}", tag_context(parameters)
    kinds = resource_kinds(name)
    named = [str(parameters.get(key)) for kind, key in _IDENTIFIERS.items() if kinds == {kind}]
    arn = named[0] if named else ANY
    if "LandingZone" in kinds and named and not arn.startswith("arn:"):
        arn = scope.arn("controltower", "LandingZone", arn)
    found = [Need(name, arn, context)]
    if _TAG in dependent_actions(name) and parameters.get("tags"):
        found.append(Need(_TAG, ANY, context))
    return found
