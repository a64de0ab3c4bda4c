"""What keeps the AVM from being deployed here, in words for the person at the keyboard.

Every message names what to do.
"""


class DeploymentError(Exception):
    """The deployment cannot go on."""
