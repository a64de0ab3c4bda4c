"""What a platform team has set up before the AVM comes, as the configuration documents name it.

Control Tower with its registered units, IAM Identity Center with permission sets and people, trusted access.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local_aws.address import MANAGEMENT_ACCOUNT_ID, REGION, endpoint_url
from local_aws.admin import saml_descriptor
from local_aws.credentials import PARTITION
from local_aws.deploy import control_tower
from local_aws.deploy.account_settings import trust_account_management
from local_aws.deploy.accounts import Accounts, root_client
from local_aws.deploy.control_tower import ControlTower
from local_aws.deploy.single_sign_on import Person, SingleSignOn, set_up_single_sign_on

# A mode: with AVM_LOCAL_IDENTITY_CENTER_KEY=customer, IAM Identity Center encrypts under a key of the organization's.
KEY_VARIABLE = "AVM_LOCAL_IDENTITY_CENTER_KEY"
CUSTOMERS = "customer"
SCIM_TENANT = "avm-local"
SCIM_SECRET = "avm/scim-token"
# The bucket of the platform team's own access stacks.
TEMPLATE_BUCKET = "avm-templates"
PEOPLE = [
    Person("ada@example.com", "ada@example.com", "Ada", "Lovelace"),
    Person("grace@example.com", "grace@example.com", "Grace", "Hopper"),
    Person("alan@example.com", "alan@example.com", "Alan", "Turing"),
]


@dataclass(frozen=True)
class Surroundings:
    """What the deployment and the configuration have to know of it."""

    control_tower: ControlTower
    single_sign_on: SingleSignOn

    def parameters(self) -> dict[str, str]:
        """Values of template parameters."""
        return {
            "SsoInstanceArn": self.single_sign_on.instance_arn,
            "IdentityStoreId": self.single_sign_on.identity_store_id,
            "IdentityCenterKeyArn": self.single_sign_on.key_arn or "",
            "EnrollsWithControlTower": "true",
            "AccountFactoryProductId": self.control_tower.product_id,
            "AccountFactoryPortfolioId": self.control_tower.portfolio_id,
            "ScimTokenSecretArn": self.single_sign_on.scim_token_secret_arn,
            "ElevatesAccessRoles": "true",
            "SetsBudgets": "true",
            "BudgetTopic": "true",
            "ProtectedGroupIds": self.single_sign_on.administrators_group_id,
            **ways_out(),
        }


def ways_out() -> dict[str, str]:
    """What documents may name outside of the organization, and whose metadata are taken; the provider is about to get another certificate."""
    certificates = [saml_descriptor.certificate(), saml_descriptor.following_certificate()]
    return {
        "SamlMetadataHosts": urlsplit(endpoint_url()).hostname or "",
        "SamlEntityId": saml_descriptor.entity_id(),
        "SamlCertificateFingerprints": ",".join(map(saml_descriptor.fingerprint, certificates)),
        "AccessStackTemplates": f"https://{TEMPLATE_BUCKET}.s3.{REGION}.amazonaws.com/",
    }


def set_up(accounts: Accounts, configuration: Path) -> Surroundings:
    """Sets up what the platform document and the landing zones name."""
    platform = json.loads((configuration / "platform.json").read_text(encoding="utf-8"))
    zones = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((configuration / "landing-zones").glob("*.json"))
    ]
    trust_account_management(accounts.management)
    _enable_regions_of_stack_sets(accounts.automation, zones)
    instance = platform["singleSignOn"]
    return Surroundings(
        control_tower=control_tower.set_up(
            platform["controlTower"]["accountFactoryProductId"],
            [
                zone["organizationalUnit"].split("/")
                for zone in zones
                if zone.get("enrollment", "none") != "none"
            ],
            security_account_id=accounts.audit,
        ),
        single_sign_on=set_up_single_sign_on(
            instance_arn=instance["instanceArn"],
            identity_store_id=instance["identityStoreId"],
            permission_sets=_permission_sets(zones),
            people=PEOPLE,
            tenant_id=SCIM_TENANT,
            secret_account_id=accounts.automation,
            secret_name=SCIM_SECRET,
            key_arn=_identity_center_key(accounts.management),
        ),
    )


def _identity_center_key(management: str) -> str | None:
    if os.environ.get(KEY_VARIABLE, "") != CUSTOMERS:
        return None
    key = root_client("kms", management).create_key(Description="IAM Identity Center")
    return str(key["KeyMetadata"]["Arn"])


def _enable_regions_of_stack_sets(automation: str, zones: list[dict[str, Any]]) -> None:
    # StackSets work in a region that is enabled in their own account, too.
    account = root_client("account", automation)
    for region in sorted({one["region"] for zone in zones for one in zone.get("stackSets", [])}):
        if account.get_region_opt_status(RegionName=region)["RegionOptStatus"] == "DISABLED":
            account.enable_region(RegionName=region)


def _permission_sets(zones: list[dict[str, Any]]) -> list[str]:
    mappings = [
        mapping
        for zone in zones
        for mapping in zone.get("singleSignOn", {}).get("roleMappings", {}).values()
    ]
    return sorted({name for mapping in mappings for name in mapping["permissionSets"]})


def local_documents(configuration: Path, folder: Path, machine: str = "") -> Path:
    """The configuration documents, with what is outside of them replaced by what this local AWS has: addresses, topics.

    A further machine has addresses, aliases and an access role of its own.
    """
    for path in [configuration / "platform.json", *configuration.glob("landing-zones/*.json")]:
        target = folder / path.relative_to(configuration)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    platform = json.loads((folder / "platform.json").read_text(encoding="utf-8"))
    platform["identityProvider"]["metadataUrl"] = f"{endpoint_url()}/local-aws/saml/descriptor"
    if machine:
        platform["accountEmailPattern"] = f"{machine[:3].lower()}+%s@example.com"
        platform["accountAliasPattern"] = f"{machine.lower()}-%s-%s"
        platform["accountAccessRole"] = f"{machine}AccountAccessRole"
    (folder / "platform.json").write_text(json.dumps(platform, indent=2) + "\n", encoding="utf-8")
    for path in folder.glob("landing-zones/*.json"):
        zone = json.loads(path.read_text(encoding="utf-8"))
        if "budget" in zone:
            name = zone["budget"]["topicArn"].rsplit(":", 1)[1]
            zone["budget"]["topicArn"] = f"arn:{PARTITION}:sns:{REGION}:{MANAGEMENT_ACCOUNT_ID}:{name}"
            path.write_text(json.dumps(zone, indent=2) + "\n", encoding="utf-8")
    return folder
