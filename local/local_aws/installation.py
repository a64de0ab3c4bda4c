"""Configures moto, installs the corrections of all services, and puts the layers around moto's application.

Every module below `services` is read, and with it the corrections that are written in it.
"""

import functools
import importlib
import logging
import os
import pkgutil
from collections.abc import Iterator

from moto import backends
from moto.core.config import default_user_config

from local_aws import audit, patches, services
from local_aws.address import REGION
from local_aws.admin import endpoints
from local_aws.api import answers, own_services
from local_aws.enforcement import gateway
from local_aws.enforcement.responses import Application
from local_aws.services.scim.responses import mount

# Without corrections, and read when they are wanted: the models of SCIM take half a second.
READ_WHEN_WANTED = (
    "local_aws.services.identitystore.models.directory",
    "local_aws.services.identitystore.responses.store",
    "local_aws.services.scim.models",
    "local_aws.services.scim.responses.endpoint",
    "local_aws.services.scim.validation",
)
# From moto outwards: a request meets the last one first.
LAYERS = (
    own_services.answered,
    gateway.guarded,
    answers.checked,
    audit.audited,
    endpoints.administered,
    mount.mounted,
)


def install() -> None:
    """Corrects moto in this process; does nothing when it was called before."""
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    # Machine images are left out: moto makes 1,300 in each account and region, and nothing starts any.
    os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    # moto logs whole definitions and payloads for every failed state.
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    default_user_config["lambda"] = {"use_docker": False}
    default_user_config["iam"] = {"load_aws_managed_policies": True}
    for name in modules_of_services():
        importlib.import_module(name)
    patches.install()


def modules_of_services() -> Iterator[str]:
    """The modules of all services, without those that are read when they are wanted."""
    for module in pkgutil.walk_packages(services.__path__, f"{services.__name__}."):
        if module.name not in READ_WHEN_WANTED:
            yield module.name


def layered(application: Application) -> Application:
    """moto's application with everything around it."""
    return functools.reduce(lambda inner, layer: layer(inner), LAYERS, application)


# moto lists its own folder twice for every request.
_SERVICES_OF_MOTO = tuple(backends.list_of_moto_modules())


@patches.patch(backends, "list_of_moto_modules")
def _list_of_moto_modules(_: object) -> tuple[str, ...]:
    return _SERVICES_OF_MOTO
