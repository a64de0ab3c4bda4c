"""The least time that AWS's limits allow for many vends: what it works on in turn, and the rates at which it takes requests.

The double has both; how often a vend asks is counted at one vend alone.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from local_aws.rates.published import Rate, find
from local_aws.services.account.models import readiness
from local_aws.services.cloudformation.operations import engine
from local_aws.services.controltower.operations import enrollment
from local_aws.services.organizations.models import account_creation
from local_aws.services.servicecatalog import operations as account_factory
from local_aws.services.stacksets.operations import queue

# The first write of a vend: everything else comes after it.
_FIRST = "organizations:CreateAccount"


@dataclass(frozen=True)
class Case:
    """What makes vends wait for each other, besides the creations."""

    name: str
    managed_execution: bool = True
    enrollment: bool = False
    # How the local AWS reads managed execution.
    reading: str = field(default_factory=queue.reading)

    @property
    def one_operation_at_a_time(self) -> bool:
        """Whether the StackSet's operations wait for each other, though they touch different accounts."""
        return not self.managed_execution or self.reading == "queue"


@dataclass(frozen=True)
class Paced:
    """Calls that share a rate, and how many of them one vend makes."""

    what: str
    calls: int
    rate: Rate


@dataclass(frozen=True)
class Bound:
    """The least seconds of AWS that so many vends need, if nothing but AWS's own work and its limits took time."""

    requests: int
    case: Case
    paced: tuple[Paced, ...] = ()

    @property
    def path(self) -> int:
        """One vend alone: the creation, the account's services, the access stack, the StackSet's operation."""
        path = (
            account_creation.CREATION_SECONDS
            + readiness.SERVICES_AFTER_SECONDS
            + engine.OPERATION_SECONDS
            + queue.OPERATION_SECONDS
        )
        if self.case.enrollment:
            path += account_factory.START_SECONDS + enrollment.ENROLLMENT_SECONDS
        return path

    def _queues(self) -> Iterable[tuple[int, int, str]]:
        """What AWS works on in turn: how much at a time, how long, and what it is."""
        yield account_creation.CREATIONS_AT_ONCE, account_creation.CREATION_SECONDS, "creations"
        if self.case.one_operation_at_a_time:
            yield 1, queue.OPERATION_SECONDS, "operations on the StackSet"
        if self.case.enrollment:
            yield enrollment.OPERATIONS_AT_ONCE, enrollment.ENROLLMENT_SECONDS, "enrollments"

    def limits(self, number: int) -> list[tuple[float, str]]:
        """When each limit lets the vend of that number, from 1, have finished, the latest first."""
        found = []
        for at_once, seconds, what in self._queues():
            rounds = math.ceil(number / at_once)
            words = f"{rounds} rounds of {at_once} {what} of {seconds} s, all but the first, and the path of one vend, {self.path} s"
            found.append(((rounds - 1) * seconds + self.path, words))
        for one in self.paced:
            calls, is_first = one.calls * number, one.what == _FIRST
            words = f"{calls} {one.what} at {one.rate.per_second:g}/s after {one.rate.burst:g} at once"
            words += f", and the path of one vend, {self.path} s" if is_first else ""
            found.append((one.rate.seconds_for(calls) + (self.path if is_first else 0), words))
        return sorted(found, reverse=True)

    def finish(self, number: int) -> float:
        """When the vend of that number can have finished, if every place and every token is taken as soon as it is there."""
        return self.limits(number)[0][0]

    @property
    def seconds(self) -> float:
        """All of them."""
        return self.finish(self.requests)


def paced(calls: Iterable[dict[str, Any]], accounts: set[str]) -> tuple[Paced, ...]:
    """What one vend asks of services with published rates, from the audit of one; vends share the buckets of these accounts, one in each region."""
    counted: Counter[tuple[str, str, str, Rate]] = Counter()
    for call in calls:
        name = call["action"].partition(":")[2]
        rate = find(call["service"], name, {})
        if rate is not None and call["account"] in accounts and not str(call["principal"]).endswith(":root"):
            counted[call["account"], call["region"], rate.bucket(call["action"]), rate] += 1
    return tuple(Paced(bucket, number, rate) for (_, _, bucket, rate), number in counted.items())
