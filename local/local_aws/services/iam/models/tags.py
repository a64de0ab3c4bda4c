"""Tags of roles and users: their keys are compared without letter case, and keep the case they were written in.

"Department" and "department" are one tag, and the later one stays. Source: IAM User Guide, "Tags for AWS Identity and Access Management
resources". moto does so for new roles only.
"""

from typing import Any

from moto.iam.models import IAMBackend, User

from local_aws.patches import patch


def _replaced(tags: list[dict[str, str]], new: list[dict[str, str]]) -> list[dict[str, str]]:
    keys = {tag["Key"].lower() for tag in new}
    return [tag for tag in tags if tag["Key"].lower() not in keys] + new


@patch(IAMBackend, "tag_role")
def _tag_role(_: Any, self: IAMBackend, role_name: str, tags: list[dict[str, str]]) -> None:
    self._tag_verification(tags)
    role = self.get_role(role_name)
    role.tags = _replaced(list(role.tags or []), tags)
    self._tag_verification(role.tags)


@patch(IAMBackend, "untag_role")
def _untag_role(original: Any, self: IAMBackend, role_name: str, tag_keys: list[str]) -> None:
    wanted = {key.lower() for key in tag_keys}
    tags = self.get_role(role_name).tags or []
    original(self, role_name, [*tag_keys, *(tag["Key"] for tag in tags if tag["Key"].lower() in wanted)])


@patch(IAMBackend, "create_user")
def _create_user(
    original: Any,
    self: IAMBackend,
    region_name: str,
    user_name: str,
    path: str = "/",
    tags: list[dict[str, str]] | None = None,
) -> User:
    self._tag_verification(tags or [])
    user: User = original(self, region_name, user_name, path, tags)
    return user


@patch(IAMBackend, "tag_user")
def _tag_user(original: Any, self: IAMBackend, name: str, tags: list[dict[str, str]]) -> None:
    self._tag_verification(tags)
    arn = self.get_user(name).arn
    keys = {tag["Key"].lower() for tag in tags}
    before = self.tagger.get_tag_dict_for_resource(arn)
    self.tagger.untag_resource_using_names(arn, [key for key in before if key.lower() in keys])
    original(self, name, tags)
