"""SAML providers as IAM has them: names used once, metadata that are read, a hundred in an account.

moto takes any text as metadata, replaces a provider of the same name, and deletes those that do not exist. Sources: IAM API reference,
CreateSAMLProvider, GetSAMLProvider, UpdateSAMLProvider and DeleteSAMLProvider, with the codes and bounds of its model; IAM User Guide, "IAM
and AWS STS quotas", for the hundred. The words have no source; callers look at the code.
"""

import re
import threading
import uuid
from typing import Any
from xml.etree import ElementTree

from moto.iam.exceptions import (
    EntityAlreadyExists,
    InvalidInput,
    LimitExceededException,
    NoSuchEntity,
    ValidationError,
)
from moto.iam.models import IAMBackend, SAMLProvider

from local_aws.patches import patch

PROVIDERS_PER_ACCOUNT = 100
LEAST_METADATA, MOST_METADATA = 1_000, 10_000_000
_NAME = re.compile(r"[\w._-]{1,128}", re.ASCII)
_ARN = re.compile(r"arn:[\w-]+:iam::\d{12}:saml-provider/[\w._-]{1,128}", re.ASCII)
_NAMESPACES = {
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
_lock = threading.RLock()


def _violation(field: str, constraint: str) -> ValidationError:
    return ValidationError(
        f"1 validation error detected: Value at '{field}' failed to satisfy constraint:"
        f" Member must {constraint}"
    )


def is_metadata(text: str) -> bool:
    """Whether this is SAML metadata of an identity provider: name, sign-on service and certificate."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return False
    entity = f"{{{_NAMESPACES['md']}}}EntityDescriptor"
    entities = [root] if root.tag == entity else root.findall("md:EntityDescriptor", _NAMESPACES)
    for descriptor in entities:
        role = descriptor.find("md:IDPSSODescriptor", _NAMESPACES)
        if (
            descriptor.get("entityID")
            and role is not None
            and role.find("md:SingleSignOnService", _NAMESPACES) is not None
            and (role.findtext(".//md:KeyDescriptor//ds:X509Certificate", "", _NAMESPACES)).strip()
        ):
            return True
    return False


def _check_metadata(text: Any) -> None:
    if not isinstance(text, str) or len(text) < LEAST_METADATA:
        bound = f"have length greater than or equal to {LEAST_METADATA}"
        raise _violation("sAMLMetadataDocument", bound)
    if len(text) > MOST_METADATA:
        raise _violation("sAMLMetadataDocument", f"have length less than or equal to {MOST_METADATA}")
    if not is_metadata(text):
        raise InvalidInput("Could not parse metadata")


@patch(IAMBackend, "create_saml_provider")
def _create(_: Any, self: IAMBackend, name: str, saml_metadata_document: str) -> SAMLProvider:
    if not _NAME.fullmatch(name or ""):
        raise _violation("name", r"satisfy regular expression pattern: [\w._-]+")
    _check_metadata(saml_metadata_document)
    with _lock:
        if name in self.saml_providers:
            raise EntityAlreadyExists(f"SAMLProvider {name} already exists.")
        if len(self.saml_providers) >= PROVIDERS_PER_ACCOUNT:
            raise LimitExceededException(
                f"Cannot exceed quota for SAMLProvidersPerAccount: {PROVIDERS_PER_ACCOUNT}"
            )
        provider = SAMLProvider(self.account_id, self.region_name, name, saml_metadata_document)
        provider.saml_provider_uuid = uuid.uuid4().hex.upper()  # type: ignore[attr-defined]
        self.saml_providers[name] = provider
        return provider


@patch(IAMBackend, "get_saml_provider")
def _find(_: Any, self: IAMBackend, saml_provider_arn: str) -> SAMLProvider:
    if not _ARN.fullmatch(saml_provider_arn or ""):
        raise InvalidInput(f"Invalid ARN: {saml_provider_arn}")
    for provider in list(self.saml_providers.values()):
        if provider.arn == saml_provider_arn:
            return provider
    raise NoSuchEntity(f"Manifest not found for arn {saml_provider_arn}")


@patch(IAMBackend, "update_saml_provider")
def _update(_: Any, self: IAMBackend, saml_provider_arn: str, saml_metadata_document: str) -> SAMLProvider:
    provider = self.get_saml_provider(saml_provider_arn)
    _check_metadata(saml_metadata_document)
    provider.saml_metadata_document = saml_metadata_document
    return provider


@patch(IAMBackend, "delete_saml_provider")
def _delete(_: Any, self: IAMBackend, saml_provider_arn: str) -> None:
    """Roles that trust the provider stay as they are."""
    with _lock:
        del self.saml_providers[self.get_saml_provider(saml_provider_arn).name]
