"""The Lambda service's host: starts the built binaries and speaks the Lambda Runtime API to them.

moto's Lambda knows the functions' configuration; everything that runs is here.
"""

from local_aws.lambda_service.pool import recycle, shutdown

__all__ = ["recycle", "shutdown"]
