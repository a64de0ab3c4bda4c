"""Finding stacks by name or id, and templates by URL.

Corrects moto, whose texts for unknown stacks do not depend on the call, and which reads anybody's buckets. Sources: LocalStack,
cloudformation/api/test_stacks and cloudformation/api/test_templates, recorded on AWS 2022-08-30 to 2025-12-08; CloudFormation API reference,
CreateStack.
"""

from typing import Any
from urllib.parse import unquote, urlparse

from moto.cloudformation import models as moto_models
from moto.core.exceptions import ServiceException
from moto.s3.models import s3_backends

from local_aws.address import endpoint_url
from local_aws.enforcement.needs import Need
from local_aws.patches import patch
from local_aws.services.cloudformation.exceptions import validation_error
from local_aws.services.cloudformation.models import template
from local_aws.services.cloudformation.models.rights import Actor


def find(backend: Any, name_or_id: str, deleted: bool = True) -> Any:
    """The stack, or None; deleted stacks by id only."""
    for stack in list(backend.stacks.values()):
        if name_or_id in (stack.name, stack.stack_id):
            return stack
    return backend.deleted_stacks.get(name_or_id) if deleted else None


def described(backend: Any, name_or_id: str) -> Any:
    """The stack for calls that describe it."""
    stack = find(backend, name_or_id)
    if stack is None:
        raise validation_error(f"Stack with id {name_or_id} does not exist")
    return stack


def existing(backend: Any, name_or_id: str) -> Any:
    """The stack for calls that change it or list its events."""
    stack = find(backend, name_or_id)
    if stack is None:
        raise validation_error(f"Stack [{name_or_id}] does not exist")
    return stack


def bucket_and_key(url: str) -> tuple[str, str]:
    """All styles of S3 addresses: the bucket in the host, first in the path, or s3://.

    Clients put the path style together from the address that they have for S3, which is that of the local AWS.
    """
    parts = urlparse(url)
    if url.startswith(f"{endpoint_url()}/"):
        bucket, _, key = unquote(parts.path.lstrip("/")).partition("/")
        return bucket, key
    host, path = parts.hostname or "", unquote(parts.path.lstrip("/"))
    if parts.scheme == "s3" and path:
        return parts.netloc, path
    if parts.scheme != "https" or not host.endswith((".amazonaws.com", ".amazonaws.com.cn")) or not path:
        raise validation_error("TemplateURL must be a supported URL.")
    labels = host.split(".")
    for index, label in enumerate(labels):
        if label == "s3" or label.startswith("s3-"):
            bucket = ".".join(labels[:index])
            return (bucket, path) if bucket else (path.split("/", 1)[0], path.split("/", 1)[-1])
    raise validation_error("TemplateURL must be a supported URL.")


def template_at(url: str, account_id: str, actor: Actor | None) -> str:
    """The template at an S3 address; unlike a file that is included, it cannot be at one of s3:// (recorded, see above)."""
    if url.startswith("s3:"):
        raise validation_error(f"S3 error: Domain name specified in {urlparse(url).netloc} is not a valid S3 domain")
    return text_at(url, account_id, actor)


def text_at(url: str, account_id: str, actor: Actor | None) -> str:
    """What is at an S3 address, read with the caller's rights."""
    bucket, key = bucket_and_key(url)
    if actor is not None and not actor.may(Need("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")):
        raise validation_error(
            "S3 error: Access Denied\nFor more information check"
            " http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
        )
    try:
        found = s3_backends[account_id]["aws"].get_object(bucket, key)
    except ServiceException as failure:
        raise validation_error(f"S3 error: {failure.message}") from failure
    except Exception as failure:
        raise validation_error(f"S3 error: {getattr(failure, 'message', failure)}") from failure
    if found is None:
        raise validation_error(
            "S3 error: The specified key does not exist.\nFor more information check"
            " http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
        )
    if len(found.value) > template.MAXIMUM_URL_BYTES:
        raise validation_error("Template may not exceed 1000000 bytes in size.")
    return str(found.value.decode("utf-8"))


def given_template(response: Any, actor: Actor | None) -> str | None:
    """The template of a request: its body or what its URL points to."""
    body, url = response._get_param("TemplateBody"), response._get_param("TemplateURL")
    if body and url:
        raise validation_error("You may specify only one of TemplateBody and TemplateURL")
    if url:
        return template_at(url, response.current_account, actor)
    if body and len(body.encode("utf-8")) > template.MAXIMUM_BODY_BYTES:
        raise validation_error(
            "1 validation error detected: Value at 'templateBody' failed to satisfy constraint:"
            f" Member must have length less than or equal to {template.MAXIMUM_BODY_BYTES}"
        )
    return str(body) if body else None


@patch(moto_models, "get_stack_from_s3_url")
def _template_of_nested_stack(_: Any, template_url: str, account_id: str, partition: str) -> str:
    """moto: the bucket is the first word of any host that it does not know."""
    return template_at(template_url, account_id, None)
