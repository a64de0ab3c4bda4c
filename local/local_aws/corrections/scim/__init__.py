"""Mounts the SCIM endpoints of the tenants below /scim/<tenant>/scim/v2/, as AWS has them on a host of their own.

The endpoints are read when one is opened or asked for: the models of SCIM take their time.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from local_aws.enforcement.gateway import SCIM_PREFIX

if TYPE_CHECKING:
    from local_aws.corrections.identity_store.directory import Directory


def enable_provisioning(tenant_id: str, directory: "Directory", token: str) -> str:
    """Opens the directory's endpoint to a token, and answers the endpoint's path; a tenant may have several."""
    from . import endpoint

    return endpoint.enable_provisioning(tenant_id, directory, token)


def install() -> None:
    """moto has no SCIM."""
    dispatch = DomainDispatcherApplication.__call__

    def with_scim(self: DomainDispatcherApplication, environ: dict, start_response: Any) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(SCIM_PREFIX):
            return dispatch(self, environ, start_response)
        from . import endpoint

        return endpoint.serve(environ, start_response)

    DomainDispatcherApplication.__call__ = with_scim
