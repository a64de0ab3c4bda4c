"""The bill of materials of the functions, in CycloneDX 1.6.

Without a time and a random number of its own: the same crates make the same bill.
"""

import datetime
import uuid

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from release.crates import Crate

NAME = "account-vending-machine"


def text(crates: list[Crate], version: str, seconds: int) -> str:
    """The bill as JSON; `seconds` is the time of the sources."""
    machine = Component(type=ComponentType.APPLICATION, name=NAME, version=version, bom_ref=NAME)
    parts = [_component(crate) for crate in crates]
    bill = Bom(components=parts, serial_number=_number(crates, version))
    bill.metadata.component = machine
    bill.metadata.timestamp = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    bill.register_dependency(machine, parts)
    return str(JsonV1Dot6(bill).output_as_string(indent=2)) + "\n"


def _component(crate: Crate) -> Component:
    address = PackageURL("cargo", name=crate.name, version=crate.version)
    # Older manifests write a slash for OR, which SPDX does not know.
    licence = crate.licence.replace("/", " OR ")
    return Component(
        type=ComponentType.LIBRARY,
        name=crate.name,
        version=crate.version,
        purl=address,
        bom_ref=str(address),
        licenses=[LicenseExpression(licence)] if licence else [],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=crate.checksum)] if crate.checksum else [],
    )


def _number(crates: list[Crate], version: str) -> uuid.UUID:
    names = " ".join(f"{crate.name}@{crate.version}" for crate in crates)
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{NAME}@{version} {names}")
