"""Configures moto and installs everything that makes it behave like AWS, once per process.

The order matters: enforcement, audit, administration and SCIM wrap what the corrections have changed.
"""

import logging
import os

from moto import backends
from moto.core.config import default_user_config

from local_aws import admin, audit, credentials, enforcement, lambda_service
from local_aws.corrections import (
    account_aliases,
    account_management,
    cloudformation,
    cloudformation_resources,
    control_tower,
    default_vpcs,
    ec2_regions,
    events,
    iam,
    identity_store,
    managed_policies,
    organizations,
    own_services,
    readiness,
    saml_providers,
    scim,
    secrets_manager,
    service_catalog,
    single_sign_on,
    stacksets,
    stepfunctions,
    sts,
)
from local_aws.server import REGION

MODULES = (
    credentials,
    managed_policies,
    organizations,
    readiness,
    sts,
    iam,
    account_aliases,
    saml_providers,
    account_management,
    default_vpcs,
    ec2_regions,
    cloudformation,
    cloudformation_resources,
    stacksets,
    events,
    stepfunctions,
    identity_store,
    single_sign_on,
    secrets_manager,
    control_tower,
    service_catalog,
    own_services,
    lambda_service,
    enforcement,
    audit,
    admin,
    scim,
)

_installed = False


def install() -> None:
    """Does nothing when it was called before: corrections change moto's classes."""
    global _installed
    if _installed:
        return
    _installed = True
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    # moto logs whole definitions and payloads for every failed state.
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    default_user_config["lambda"] = {"use_docker": False}
    default_user_config["iam"] = {"load_aws_managed_policies": True}
    # moto lists its own folder twice for every request.
    services = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: services
    for module in MODULES:
        module.install()
