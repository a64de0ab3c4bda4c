"""IAM needs of the Control Tower API: landing zones, baselines and enabled baselines have ARNs, lists have none.

A landing zone may be named by its identifier alone.
"""

from local_aws.enforcement.needs import ANY, Need, Parameters, Scope, tag_context

_LANDING_ZONE = {"GetLandingZone", "UpdateLandingZone", "ResetLandingZone", "DeleteLandingZone"}
_ENABLED_BASELINE = {"GetEnabledBaseline", "ResetEnabledBaseline", "UpdateEnabledBaseline", "DisableBaseline"}


def needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    """The needs of a call of Control Tower."""
    context = tag_context(parameters)
    arn = ANY
    if action in _LANDING_ZONE:
        identifier = str(parameters.get("landingZoneIdentifier"))
        arn = identifier if identifier.startswith("arn:") else scope.arn("controltower", f"landingzone/{identifier}")
    elif action in _ENABLED_BASELINE:
        arn = str(parameters.get("enabledBaselineIdentifier"))
    elif action == "GetBaseline":
        arn = str(parameters.get("baselineIdentifier"))
    found = [Need(f"controltower:{action}", arn, context)]
    if action in ("EnableBaseline", "CreateLandingZone") and parameters.get("tags"):
        found.append(Need("controltower:TagResource", ANY, context))
    return found
