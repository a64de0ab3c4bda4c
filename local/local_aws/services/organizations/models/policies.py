"""Ids of policies, as the patterns of all of their members ask for.

moto's have eight characters, which the pattern of a policy's ARN does not allow. Source: botocore's model of PolicyId and PolicyArn.
"""

from moto.organizations import utils

from local_aws.patches import replace

ID_CHARACTERS = 10

replace(utils, "POLICY_ID_SIZE", ID_CHARACTERS)
replace(
    utils,
    "POLICY_ID_REGEX",
    f"{utils.DEFAULT_SCP_POLICY_ID}|{utils.DEFAULT_RCP_POLICY_ID}|p-[a-z0-9]{{{ID_CHARACTERS}}}",
)
