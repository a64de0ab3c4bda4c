"""Whoever holds the server of the SAML metadata tries to let their own people into accounts.

The template pins the entity id and the certificates: two of these, while one replaces the other.
"""

import pytest
import requests
from local_aws.admin import saml_descriptor
from tenant import WITH_DOWNGRADE, Tenant
from vending import writes

STEP = "IdentityProvider"
NOT_PINNED = "MetadataNotPinned"
PROVIDER = "meshstack-saml-idp"
ADMIN = {"awsRoleName": "project-admin", "policies": ["AdministratorAccess"]}
CERTIFICATE = saml_descriptor.certificate()
OF_ATTACKER = CERTIFICATE.replace(CERTIFICATE[200:204], "EvIL")
ORIGINAL = saml_descriptor.original()
KEY = f"<md:KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{OF_ATTACKER}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
FORGED = {
    "another certificate": ORIGINAL.replace(CERTIFICATE, OF_ATTACKER),
    "another certificate beside ours": ORIGINAL.replace("<md:NameIDFormat>", f"{KEY}<md:NameIDFormat>", 1),
    "another certificate, for encryption only": ORIGINAL.replace(
        "<md:NameIDFormat>", f"{KEY}<md:NameIDFormat>".replace("<md:KeyDescriptor>", '<md:KeyDescriptor use="encryption">'), 1
    ),
    "another entity id": ORIGINAL.replace("realms/meshcloud\"", "realms/attacker\"", 1),
}


@pytest.fixture
def serve(environment):
    """Serves other metadata, until the test has ended."""
    url = f"{environment.endpoint_url}/local-aws/saml/descriptor"

    def serve(text):
        requests.put(url, data=text.encode(), timeout=10).raise_for_status()

    yield serve
    requests.delete(url, timeout=10).raise_for_status()


@pytest.fixture
def tenant(environment, landing_zones, make_account, project):
    """An account whose landing zone has nothing on but the identity provider."""
    tenant = Tenant(environment, landing_zones, make_account(), project)
    mappings = {"identityProvider": {"roleMappingsManaged": {"admin": ADMIN}}}
    tenant.deploy(**WITH_DOWNGRADE, **mappings, downgrade="strict")
    return tenant


def test_metadata_that_are_not_pinned_never_reach_an_account(tenant, serve, local_aws):
    assert OF_ATTACKER != CERTIFICATE
    tenant.vend()
    before = {PROVIDER: ORIGINAL}
    assert tenant.found.saml_providers() == before
    for what, text in FORGED.items():
        assert text != ORIGINAL, what
        serve(text)
        mark = local_aws.mark()

        cause = tenant.refused(STEP, NOT_PINNED, Force="true")

        found = "realms/attacker" if "entity" in what else saml_descriptor.fingerprint(OF_ATTACKER)
        for words in (found, "Remedy: ask whoever runs the identity provider", "SamlCertificateFingerprints"):
            assert words in cause, what
        assert tenant.found.saml_providers() == before, what
        made = [action for action in writes(local_aws.calls(mark)) if "SAMLProvider" in action]
        assert made == [], what

    # The second pin: the certificate that is to follow.
    serve(ORIGINAL.replace(CERTIFICATE, saml_descriptor.following_certificate()))
    assert tenant.again()[STEP]["Provider"]["Change"] == "updated"


def test_the_first_metadata_of_an_account_are_held_against_the_pins_as_well(tenant, serve):
    serve(FORGED["another certificate"])
    tenant.refused(STEP, NOT_PINNED)
    assert tenant.found.saml_providers() == {}
    assert tenant.found.roles_by_saml() == {}
