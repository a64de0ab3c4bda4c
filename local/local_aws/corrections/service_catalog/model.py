"""Service Catalog as data: portfolio, product and artifacts, provisioned products and the records of their changes.

One catalog per account and region; only Control Tower puts something into one.
"""

import secrets
import string
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow

from local_aws.credentials import PARTITION
from local_aws.enforcement.principals import Principal
from local_aws.enforcement.wildcards import text_matches

AVAILABLE, UNDER_CHANGE, TAINTED, ERROR = "AVAILABLE", "UNDER_CHANGE", "TAINTED", "ERROR"
PRODUCT_TYPE = "CONTROL_TOWER_ACCOUNT"
# Guards all catalogs.
lock = threading.RLock()
_ID_LETTERS = string.ascii_lowercase + string.digits


def new_id(kind: str) -> str:
    """An id as Service Catalog makes them, such as pp-4x2zdnnwk6tq2."""
    return f"{kind}-{''.join(secrets.choice(_ID_LETTERS) for _ in range(13))}"


@dataclass
class Artifact:
    """A version of a product."""

    name: str
    active: bool = True
    guidance: str = "DEFAULT"
    id: str = field(default_factory=lambda: new_id("pa"))
    created: datetime = field(default_factory=utcnow)


@dataclass
class Product:
    """A product, in its one portfolio."""

    id: str
    name: str
    parameters: tuple[str, ...]
    artifacts: list[Artifact] = field(default_factory=list)
    view_id: str = field(default_factory=lambda: new_id("prodview"))
    created: datetime = field(default_factory=utcnow)


@dataclass
class Portfolio:
    """A portfolio and who may use its products: principals as (ARN, type)."""

    name: str
    principals: list[tuple[str, str]] = field(default_factory=list)
    id: str = field(default_factory=lambda: new_id("port"))
    path_id: str = field(default_factory=lambda: new_id("lpv2"))
    created: datetime = field(default_factory=utcnow)

    def admits(self, principal: Principal) -> bool:
        """Whether a principal is associated: by its ARN, or by a pattern without account."""
        without_account = principal.identity_arn.replace(f"::{principal.account_id}:", ":::")
        return any(
            arn == principal.identity_arn if kind == "IAM" else text_matches(arn, without_account)
            for arn, kind in self.principals
        )


@dataclass
class Record:
    """One request to provision, update or terminate, and what came of it."""

    kind: str
    provisioned: "ProvisionedProduct"
    artifact_id: str
    parameters: dict[str, str] = field(default_factory=dict, repr=False)
    status: str = "CREATED"
    errors: list[dict[str, str]] = field(default_factory=list)
    outputs: list[dict[str, str]] = field(default_factory=list, repr=False)
    id: str = field(default_factory=lambda: new_id("rec"))
    created: datetime = field(default_factory=utcnow)
    updated: datetime = field(default_factory=utcnow)

    def set(self, status: str) -> None:
        self.status, self.updated = status, utcnow()


@dataclass
class ProvisionedProduct:
    """What a product became: an account, known by the product's name."""

    name: str
    product: Product
    artifact_id: str
    path_id: str
    owner: Principal
    token: str
    status: str = UNDER_CHANGE
    status_message: str | None = None
    physical_id: str | None = None
    parameters: dict[str, str] = field(default_factory=dict, repr=False)
    tags: list[dict[str, str]] = field(default_factory=list)
    last_record_id: str | None = None
    last_successful_record_id: str | None = None
    id: str = field(default_factory=lambda: new_id("pp"))
    created: datetime = field(default_factory=utcnow)


@dataclass
class Catalog:
    """Everything of an account in a region."""

    account_id: str
    region: str
    portfolio: Portfolio | None = None
    product: Product | None = None
    provisioned: dict[str, ProvisionedProduct] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    # Tokens of requests: what was asked with them, and the record.
    tokens: dict[str, tuple[Any, str]] = field(default_factory=dict)

    def arn(self, kind: str, identifier: str) -> str:
        """The ARN of a product or a portfolio."""
        return f"arn:{PARTITION}:catalog:{self.region}:{self.account_id}:{kind}/{identifier}"

    def provisioned_arn(self, provisioned: ProvisionedProduct) -> str:
        prefix = f"arn:{PARTITION}:servicecatalog:{self.region}:{self.account_id}"
        return f"{prefix}:stack/{provisioned.name}/{provisioned.id}"

    def find_provisioned(self, name: str | None, identifier: str | None) -> ProvisionedProduct | None:
        """By its id, or by its name or ARN."""
        if identifier:
            return self.provisioned.get(identifier)
        wanted = (one for one in self.provisioned.values() if name in (one.name, self.provisioned_arn(one)))
        return next(wanted, None)


_catalogs: dict[tuple[str, str], Catalog] = {}


def catalog_of(account_id: str, region: str) -> Catalog:
    """The catalog of an account in a region, whether or not anything is in it."""
    with lock:
        return _catalogs.setdefault((account_id, region), Catalog(account_id, region))


def set_up_account_factory(account_id: str, region: str, product_id: str) -> Catalog:
    """What Control Tower puts into the catalog with its landing zone, in place of any earlier one."""
    catalog = Catalog(account_id, region)
    name = "AWS Control Tower Account Factory"
    catalog.portfolio = Portfolio(f"{name} Portfolio")
    catalog.product = Product(
        product_id,
        name,
        (
            "AccountEmail",
            "AccountName",
            "ManagedOrganizationalUnit",
            "SSOUserEmail",
            "SSOUserFirstName",
            "SSOUserLastName",
        ),
        # Updates of the landing zone leave old versions behind, under the same name.
        [Artifact(name, active=False, guidance="DEPRECATED"), Artifact(name)],
    )
    with lock:
        _catalogs[(account_id, region)] = catalog
    return catalog
