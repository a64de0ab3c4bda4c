"""The organization and the accounts that exist before the AVM: management, meshcloud and automation, and one to protect.

The management account is the one that moto starts with.
"""

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

from local_aws.address import MANAGEMENT_ACCOUNT_ID, REGION
from local_aws.clients import client
from local_aws.clock import scaled
from local_aws.credentials import root_credentials
from local_aws.deploy.problems import DeploymentError

# Three quarters of it are for machines that do other things as well.
LIMIT_SECONDS = 120.0
# Seconds of AWS, for time scales near 1: a new account can be used after about one minute.
WAIT_OF_AWS_SECONDS = 60
PAUSE_SECONDS = 0.02


@dataclass(frozen=True)
class Accounts:
    """The ids of the accounts; `audit` is one that the platform protects from the AVM."""

    management: str
    meshcloud: str
    automation: str
    audit: str


@functools.cache
def root_client(service: str, account_id: str) -> BaseClient:
    """A client with the rights of an account's root; made once, since that takes longer than a call."""
    config = Config(s3={"addressing_style": "path"})
    return client(service, REGION, root_credentials(account_id), config)


def wait_for(what: str, probe: Callable[[], Any]) -> Any:
    """Calls until the answer is neither None nor an error; new accounts take their time."""
    limit = LIMIT_SECONDS + scaled(WAIT_OF_AWS_SECONDS)
    end = time.monotonic() + limit
    problem = ""
    while time.monotonic() < end:
        try:
            answer = probe()
            if answer is not None:
                return answer
        except ClientError as error:
            problem = f": {error}"
        time.sleep(PAUSE_SECONDS)
    raise DeploymentError(f"{what} took longer than {limit:.0f} s{problem}")


def make_accounts() -> Accounts:
    """Makes the organization and its accounts, and waits until they can be used."""
    organizations = root_client("organizations", MANAGEMENT_ACCOUNT_ID)
    organizations.create_organization(FeatureSet="ALL")
    made = {name: _create_account(organizations, name) for name in ("meshcloud", "automation", "audit")}
    for name, account_id in made.items():
        _wait_until_usable(name, account_id)
    return Accounts(management=MANAGEMENT_ACCOUNT_ID, **made)


def make_account(name: str) -> str:
    """Makes one more, waits until it can be used, and answers its id."""
    account_id = _create_account(root_client("organizations", MANAGEMENT_ACCOUNT_ID), name)
    _wait_until_usable(name, account_id)
    return account_id


def _wait_until_usable(name: str, account_id: str) -> None:
    stacks = root_client("cloudformation", account_id)
    wait_for(f"the {name} account", lambda: stacks.describe_stacks())


def _create_account(organizations: BaseClient, name: str) -> str:
    request = organizations.create_account(
        AccountName=name, Email=f"{name}@accounts.example"
    )["CreateAccountStatus"]["Id"]

    def finished() -> str | None:
        status = organizations.describe_create_account_status(CreateAccountRequestId=request)[
            "CreateAccountStatus"
        ]
        if status["State"] == "FAILED":
            raise DeploymentError(f"the {name} account was not created: {status['FailureReason']}")
        return status.get("AccountId") if status["State"] == "SUCCEEDED" else None

    return str(wait_for(f"creating the {name} account", finished))
