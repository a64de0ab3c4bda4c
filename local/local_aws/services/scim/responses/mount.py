"""Mounts the SCIM endpoints of the tenants below /scim/<tenant>/scim/v2/, as AWS has them on a host of their own.

The endpoints are read when one is opened or asked for: the models of SCIM take their time.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from local_aws.enforcement.gateway import SCIM_PREFIX
from local_aws.enforcement.responses import Application

if TYPE_CHECKING:
    from local_aws.services.identitystore.models.directory import Directory


def enable_provisioning(tenant_id: str, directory: "Directory", token: str) -> str:
    """Opens the directory's endpoint to a token, and answers the endpoint's path; a tenant may have several."""
    from local_aws.services.scim.responses import endpoint

    return endpoint.enable_provisioning(tenant_id, directory, token)


def mounted(application: Application) -> Application:
    """The application with SCIM in front: moto has none."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(SCIM_PREFIX):
            return application(environ, start_response)
        from local_aws.services.scim.responses import endpoint

        return endpoint.serve(environ, start_response)

    return answer
