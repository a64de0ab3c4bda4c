"""AWS Control Tower: a landing zone, registered units, enrolled accounts, auto-enrollment, and its mandatory control.

Unknown to moto.
"""

from local_aws.corrections import organizations, own_services
from local_aws.enforcement import authorization

from . import api, enrollment, guard


def install() -> None:
    """Adds the service, listens for moves of accounts, and holds the members of registered units to the control."""
    own_services.add("controltower", lambda: api.OPERATIONS)
    organizations.move_listeners.append(enrollment.account_moved)
    authorization.service_control_policies.append(guard.policies_for)
