"""The environment files of the functions: a session of the function's role, in the syntax that cargo-lambda reads."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cloudformation_support import new_account
from moto.core.utils import utcnow

from local_aws.enforcement import principals
from local_aws.lambda_service.environment_files import _quoted, remove_all, write_all

LINE = re.compile(r"(\w+)='([^']*)'")


def read(path: Path) -> dict[str, str]:
    lines = [LINE.fullmatch(line) for line in path.read_text().splitlines()]
    assert all(lines), path.read_text()
    return {line[1]: line[2] for line in lines if line}


@pytest.fixture
def variables(function: Callable[..., Any], tmp_path: Path) -> dict[str, str]:
    account_id = new_account()
    function(account_id, environment={"AVM_EXTRA": "a=b c"})
    write_all(tmp_path / "functions", account_id)
    return read(tmp_path / "functions" / "behave.env")


def test_the_deployed_variables_and_the_endpoint_are_there(variables: dict[str, str], server: Any) -> None:
    assert variables["AVM_EXTRA"] == "a=b c"
    assert variables["AWS_ENDPOINT_URL"] == server.url
    assert variables["AWS_REGION"] == "eu-central-1"


def test_the_session_is_the_functions_and_lasts_a_working_day(
    variables: dict[str, str], client: Callable[..., Any]
) -> None:
    names = {"AccessKeyId": "ACCESS_KEY_ID", "SecretAccessKey": "SECRET_ACCESS_KEY", "SessionToken": "SESSION_TOKEN"}
    credentials = {key: variables[f"AWS_{name}"] for key, name in names.items()}
    arn = client("sts", credentials=credentials).get_caller_identity()["Arn"]
    assert re.fullmatch(r"arn:aws:sts::\d{12}:assumed-role/behave-\d+-role/behave-\d+", arn)
    expiration = principals._sessions[variables["AWS_ACCESS_KEY_ID"]].expiration.replace(tzinfo=None)
    assert expiration - utcnow() > timedelta(hours=11, minutes=59)


def test_the_files_are_private_and_replace_older_ones(function: Callable[..., Any], tmp_path: Path) -> None:
    account_id = new_account()
    function(account_id)
    older = tmp_path / "gone.env"
    older.write_text("of another run")
    write_all(tmp_path, account_id)
    assert [path.name for path in tmp_path.iterdir()] == ["behave.env"]
    assert (tmp_path / "behave.env").stat().st_mode & 0o777 == 0o600


def test_removal_takes_only_its_own_files(tmp_path: Path) -> None:
    folder = tmp_path / "functions"
    remove_all(folder)
    folder.mkdir()
    (folder / "a.env").touch()
    (folder / "notes").touch()
    remove_all(folder)
    assert [path.name for path in folder.iterdir()] == ["notes"]
    (folder / "notes").unlink()
    remove_all(folder)
    assert not folder.exists()


def test_values_are_quoted_with_what_they_do_not_contain() -> None:
    assert [_quoted(value) for value in ("a=b", "it's", "'\"")] == ["'a=b'", '"it\'s"', "`'\"`"]
    with pytest.raises(ValueError, match="three kinds of quotes"):
        _quoted("'\"`")
