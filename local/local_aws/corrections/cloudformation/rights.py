"""On whose behalf CloudFormation acts, and the check of each call that a resource needs.

Corrects moto, which makes every resource of a stack whatever its caller may do.
"""

import logging
from dataclasses import dataclass

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from local_aws.credentials import PARTITION, root_account_id
from local_aws.enforcement.authorization import bear_witness, identity_decision, refusal_message
from local_aws.enforcement.needs import Need
from local_aws.enforcement.policies import Decision
from local_aws.enforcement.principals import Principal

from .needed_calls import NEEDED_CALLS, Subject

log = logging.getLogger("local_aws.cloudformation")

SERVICE = "cloudformation.amazonaws.com"


class Denied(Exception):
    """The principal may not make a call; the text is AWS's."""


@dataclass(frozen=True)
class Actor:
    """The principal whose identity policies count, in the region where CloudFormation works."""

    principal: Principal
    region: str

    def refusal(self, need: Need) -> str | None:
        """AWS's text when no policy allows the call, else None."""
        context = {**need.context, "aws:CalledVia": [SERVICE], "aws:ViaAWSService": "true"}
        need = Need(need.action, need.resource, context)
        decision = identity_decision(self.principal, need, self.region)
        bear_witness(self.principal, need, self.region, decision is Decision.ALLOWED)
        return None if decision is Decision.ALLOWED else refusal_message(self.principal, need, decision)

    def may(self, need: Need) -> bool:
        return self.refusal(need) is None

    def require(self, need: Need) -> None:
        text = self.refusal(need)
        if text:
            raise Denied(f"API: {need.action} {text}")


def actor_of_role(role_arn: str, session_name: str, region: str) -> Actor:
    """A session of a role that CloudFormation itself assumes."""
    account_id, role_name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    session_arn = f"arn:{PARTITION}:sts::{account_id}:assumed-role/{role_name}/{session_name}"
    return Actor(Principal("role", account_id, session_arn, role_arn, session_name), region)


def actor_of_key(access_key_id: str, account_id: str, region: str) -> Actor | None:
    """Who holds an access key; None for roots, whom no policy limits."""
    if root_account_id(access_key_id):
        return None
    session = sts_backends[account_id][PARTITION].get_assumed_role_from_access_key(access_key_id)
    if session is not None:
        principal = Principal(
            "role", account_id, session.arn, session.role_arn, session.session_name, session.policy
        )
        return Actor(principal, region)
    user = iam_backends[account_id][PARTITION].get_user_from_access_key_id(access_key_id)
    return Actor(Principal("user", account_id, user.arn, user.arn), region) if user is not None else None


def require_all(actor: Actor | None, change: str, subject: Subject) -> None:
    """Raises Denied unless the actor may make every call that the change (create, update, delete) needs."""
    needs = NEEDED_CALLS.get(subject.resource_type)
    if needs is None:
        log.warning("%s: the calls that it needs are not known, so no right is checked", subject.resource_type)
        return
    if actor is None:
        return
    for need in needs(change, subject):
        actor.require(need)
