"""An organization in which nothing is deployed: somebody who wants to follow docs/DEPLOY.md starts here.

Three accounts with an administrator each, and the profiles with which the AWS CLI, the SAM CLI and `avm` sign in.
"""

from pathlib import Path

from local_aws.address import REGION, endpoint_url
from local_aws.deploy.accounts import Accounts, root_client
from local_aws.deploy.environment_file import write_private

ADMINISTRATOR = "administrator"
POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
STANDING = ("management", "automation", "meshcloud")


def write_profiles(folder: Path, accounts: Accounts) -> dict[str, str]:
    """Writes a profile for each account; answers the variables that lead to them."""
    ids = {name: str(getattr(accounts, name)) for name in STANDING}
    profiles, keys = [], []
    for name, account_id in ids.items():
        profiles.append(f"[profile {name}]\nregion = {REGION}\nendpoint_url = {endpoint_url()}\n")
        key_id, secret = _administrator(account_id)
        keys.append(f"[{name}]\naws_access_key_id = {key_id}\naws_secret_access_key = {secret}\n")
    write_private(folder / "aws-config", "\n".join(profiles))
    write_private(folder / "aws-credentials", "\n".join(keys))
    return {
        "AWS_CONFIG_FILE": str(folder / "aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "aws-credentials"),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        **{name.upper(): name for name in STANDING},
        **{f"{name.upper()}_ID": account_id for name, account_id in ids.items()},
    }


def remove_profiles(folder: Path) -> None:
    """Their keys are worth nothing without this local AWS."""
    for name in ("aws-config", "aws-credentials"):
        (folder / name).unlink(missing_ok=True)


def _administrator(account_id: str) -> tuple[str, str]:
    iam = root_client("iam", account_id)
    iam.create_user(UserName=ADMINISTRATOR)
    iam.attach_user_policy(UserName=ADMINISTRATOR, PolicyArn=POLICY)
    key = iam.create_access_key(UserName=ADMINISTRATOR)["AccessKey"]
    return str(key["AccessKeyId"]), str(key["SecretAccessKey"])
