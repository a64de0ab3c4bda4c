"""Whether policies allow a principal a call, and how AWS words the refusal.

Identity policies, a session's policy, a permissions boundary and the policies of the organization must all allow.
Roots, which set things up in here, are not held to any.
"""

from collections.abc import Callable, Sequence

from local_aws.enforcement.conditions import Context
from local_aws.enforcement.grants import Grant, granting
from local_aws.enforcement.needs import Need
from local_aws.enforcement.organization_policies import (
    resource_context,
    resource_control_decision,
    service_control_decision,
)
from local_aws.enforcement.policies import Decision, evaluate
from local_aws.enforcement.principals import Principal, boundary_policies, identity_policies

_REASONS = {
    Decision.IMPLICIT_DENY: "because no identity-based policy allows the {} action",
    Decision.EXPLICIT_DENY: "with an explicit deny in an identity-based policy",
    Decision.BOUNDARY_DENY: "with an explicit deny in a permissions boundary",
    Decision.BOUNDARY_MISSING: "because no permissions boundary allows the {} action",
    Decision.ORGANIZATION_DENY: "with an explicit deny in a service control policy",
    Decision.ORGANIZATION_MISSING: "because no service control policy allows the {} action",
    Decision.RESOURCE_DENY: "with an explicit deny in a resource control policy",
    Decision.RESOURCE_MISSING: "because no resource control policy allows the {} action",
}
# Each is told what a service does in here with a principal's rights: no call of its own shows that.
witnesses: list[Callable[[Principal, Need, str, bool], None]] = []


def context_of(principal: Principal, need: Need, region: str) -> Context:
    """The condition keys of a call: of who calls, of what is called, and of the request."""
    return {
        **principal.context(),
        "aws:RequestedRegion": region,
        **resource_context(need.resource),
        **need.context,
    }


def grants_for(principal: Principal, need: Need, region: str) -> list[Grant]:
    """The grants of the principal's own policies that allow a need; a root needs none."""
    if principal.is_root:
        return []
    context = context_of(principal, need, region)
    return granting(identity_policies(principal), need.action, need.resource, context)


def bear_witness(principal: Principal, need: Need, region: str, allowed: bool) -> None:
    """Tells the witnesses of a decision on what a service does for a principal."""
    for witness in witnesses:
        witness(principal, need, region, allowed)


def identity_decision(principal: Principal, need: Need, region: str) -> Decision:
    """What the principal's own policies say about one need."""
    if principal.is_root:
        return Decision.ALLOWED
    context = context_of(principal, need, region)
    of_the_organization = (
        service_control_decision(principal.account_id, principal.identity_arn, need, context),
        resource_control_decision(principal.identity_arn, need, context),
    )
    bounded = _boundary_decision(principal, need, context)
    layers = [list(identity_policies(principal).values())]
    if principal.session_policy:
        layers.append([principal.session_policy])
    own = [evaluate(layer, need.action, need.resource, context) for layer in layers]
    decisions = (*of_the_organization, bounded, *own)
    refusals = [decision for decision in decisions if decision is not Decision.ALLOWED]
    # What no allow can help is told first.
    return next((refusal for refusal in refusals if refusal.denies), refusals[0] if refusals else Decision.ALLOWED)


def _boundary_decision(principal: Principal, need: Need, context: Context) -> Decision:
    boundary = boundary_policies(principal)
    if boundary is None:
        return Decision.ALLOWED
    decision = evaluate(boundary, need.action, need.resource, context)
    worded = {
        Decision.EXPLICIT_DENY: Decision.BOUNDARY_DENY,
        Decision.IMPLICIT_DENY: Decision.BOUNDARY_MISSING,
    }
    return worded.get(decision, decision)


def refusal_message(principal: Principal, need: Need, decision: Decision) -> str:
    """The sentence that AWS answers with."""
    reason = _REASONS[decision].format(need.action)
    return (
        f"User: {principal.arn} is not authorized to perform: {need.action}"
        f" on resource: {need.resource} {reason}"
    )


def refusal(principal: Principal, needs: Sequence[Need], region: str) -> str | None:
    """The refusal of the first need that is not allowed, or None when all are."""
    for need in needs:
        decision = identity_decision(principal, need, region)
        if decision is not Decision.ALLOWED:
            return refusal_message(principal, need, decision)
    return None
