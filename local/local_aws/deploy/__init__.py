"""Deploys the real templates through CloudFormation, as sam and the AWS console would do it.

No second copy of a role, policy or definition exists for local use.
"""

from local_aws.deploy.deployment import Deployment, deploy

__all__ = ["Deployment", "deploy"]
