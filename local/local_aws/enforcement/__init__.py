"""Holds every caller to its policies, as AWS does: see gateway.py.

`install()` puts the gateway in front of moto.
"""

from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from local_aws.enforcement import gateway, principals


def install() -> None:
    """moto's dispatcher answers every call of every access key; here it stands behind the gateway."""
    principals.install()
    dispatch = DomainDispatcherApplication.__call__

    def guarded_dispatch(self: DomainDispatcherApplication, environ: dict, start_response: object) -> object:
        guard = gateway.guarded(lambda inner, respond: dispatch(self, inner, respond))
        return guard(environ, start_response)

    DomainDispatcherApplication.__call__ = guarded_dispatch
