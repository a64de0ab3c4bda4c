"""Whether a principal's own policies allow a call, and how AWS words the refusal.

Identity policies, a session's policy and a permissions boundary must all allow, and no service control policy deny.
Roots are not held to any.
"""

from collections.abc import Callable, Sequence

from local_aws.enforcement.conditions import Context
from local_aws.enforcement.grants import Grant, granting
from local_aws.enforcement.needs import Need
from local_aws.enforcement.policies import Decision, evaluate
from local_aws.enforcement.principals import Principal, boundary_policies, identity_policies

_EXPLICIT = {
    Decision.EXPLICIT_DENY: "with an explicit deny in an identity-based policy",
    Decision.ORGANIZATION_DENY: "with an explicit deny in a service control policy",
}
# Each answers the service control policies that hold for an account.
service_control_policies: list[Callable[[str], list[str]]] = []
# Each is told what a service does in here with a principal's rights: no call of its own shows that.
witnesses: list[Callable[[Principal, Need, str, bool], None]] = []


def _context(principal: Principal, need: Need, region: str) -> Context:
    return {**principal.context(), "aws:RequestedRegion": region, **need.context}


def grants_for(principal: Principal, need: Need, region: str) -> list[Grant]:
    """The grants of the principal's own policies that allow a need; a root needs none."""
    if principal.is_root:
        return []
    context = _context(principal, need, region)
    return granting(identity_policies(principal), need.action, need.resource, context)


def bear_witness(principal: Principal, need: Need, region: str, allowed: bool) -> None:
    """Tells the witnesses of a decision on what a service does for a principal."""
    for witness in witnesses:
        witness(principal, need, region, allowed)


def identity_decision(principal: Principal, need: Need, region: str) -> Decision:
    """What the principal's own policies say about one need."""
    if principal.is_root:
        return Decision.ALLOWED
    context = _context(principal, need, region)
    for policies_of in service_control_policies:
        documents = policies_of(principal.account_id)
        if evaluate(documents, need.action, need.resource, context) is Decision.EXPLICIT_DENY:
            return Decision.ORGANIZATION_DENY
    layers = [list(identity_policies(principal).values())]
    if principal.session_policy:
        layers.append([principal.session_policy])
    boundary = boundary_policies(principal)
    if boundary is not None:
        layers.append(boundary)
    decisions = [evaluate(layer, need.action, need.resource, context) for layer in layers]
    for refusal in (Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY):
        if refusal in decisions:
            return refusal
    return Decision.ALLOWED


def refusal_message(principal: Principal, need: Need, decision: Decision) -> str:
    """The sentence that AWS answers with."""
    reason = _EXPLICIT.get(decision, f"because no identity-based policy allows the {need.action} action")
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
