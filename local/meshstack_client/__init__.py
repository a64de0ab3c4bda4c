"""A client that plays meshStack, and one that plays the operator who looks on.

Used by the demo, the benchmark and the end-to-end tests; it knows only what `.local/env` says.
"""

from .environment import LocalEnvironment
from .inventory import Inventory
from .landing_zones import LandingZones
from .meshstack import FunctionError, MeshStack
from .operator import Operator
from .replication import Replication

__all__ = ["FunctionError", "Inventory", "LandingZones", "LocalEnvironment", "MeshStack", "Operator", "Replication"]
