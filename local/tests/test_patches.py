"""Corrections of moto: targets that must exist, the list of all, and installing them once."""

from typing import Any

import pytest

from local_aws import installation, patches
from local_aws.patches import Patches, TargetError


class Engine:
    """Stands for a class of moto."""

    limit = 1

    def start(self, speed: int) -> str:
        return f"started at {speed}"

    @classmethod
    def make(cls, kind: str) -> str:
        return f"{cls.__name__} {kind}"

    @staticmethod
    def double(number: int) -> int:
        return 2 * number

    @property
    def state(self) -> str:
        return "new"


@pytest.fixture
def engine() -> type[Engine]:
    return type("Engine", (Engine,), {})


@pytest.fixture
def corrections() -> Patches:
    return Patches()


def test_a_missing_target_is_refused_with_its_name_and_nothing_is_installed(
    corrections: Patches, engine: type[Engine]
) -> None:
    @corrections.patch(engine, "start")
    def start(_: Any, self: Engine, speed: int) -> str:
        return "corrected"

    @corrections.patch(engine, "warp")
    def warp(_: Any, self: Engine) -> None: ...

    corrections.replace(engine, "colour", "red")
    with pytest.raises(TargetError) as refusal:
        corrections.install()
    assert "test_patches:Engine.warp does not exist" in str(refusal.value)
    assert "test_patches:Engine.colour does not exist" in str(refusal.value)
    assert "Engine.start" not in str(refusal.value)
    assert engine().start(1) == "started at 1"


def test_two_corrections_of_one_target_are_refused(corrections: Patches, engine: type[Engine]) -> None:
    for _ in range(2):
        corrections.replace(engine, "limit", 2)
    with pytest.raises(TargetError, match=r"Engine\.limit is corrected more than once"):
        corrections.install()


def test_what_is_added_must_not_exist(corrections: Patches, engine: type[Engine]) -> None:
    @corrections.add(engine, "stop")
    def stop(self: Engine) -> str:
        return "stopped"

    corrections.install()
    assert engine().stop() == "stopped"  # type: ignore[attr-defined]

    @corrections.add(engine, "start")
    def start(self: Engine) -> None: ...

    with pytest.raises(TargetError, match=r"Engine\.start exists already"):
        corrections.install()


def test_a_correction_is_handed_the_original(corrections: Patches, engine: type[Engine]) -> None:
    @corrections.patch(engine, "start")
    def start(original: Any, self: Engine, speed: int) -> str:
        return f"corrected, {original(self, speed)}"

    @corrections.patch(engine, "make")
    def make(original: Any, cls: type[Engine], kind: str) -> str:
        return f"corrected, {original(cls, kind)}"

    @corrections.patch(engine, "double")
    def double(original: Any, number: int) -> int:
        return -int(original(number))

    @corrections.patch(engine, "state")
    def state(original: Any, self: Engine) -> str:
        return f"corrected, {original(self)}"

    corrections.install()
    assert engine().start(speed=3) == "corrected, started at 3"
    assert engine.make("diesel") == "corrected, Engine diesel"
    assert engine.double(4) == engine().double(4) == -8
    assert engine().state == "corrected, new"


def test_installing_twice_corrects_once(corrections: Patches, engine: type[Engine]) -> None:
    @corrections.patch(engine, "start")
    def start(original: Any, self: Engine, speed: int) -> str:
        return f"corrected, {original(self, speed)}"

    corrections.install()
    corrections.install()
    assert engine().start(1) == "corrected, started at 1"


def test_all_corrections_of_moto_are_listed_with_their_places() -> None:
    installation.install()
    installation.install()
    listed = {patch.target: patch.place for patch in patches.listed()}
    assert len(listed) == len(patches.listed()) > 140
    assert all(target.startswith("moto.") and place.startswith("local_aws.") for target, place in listed.items())
    place = "local_aws.services.sts.responses:_assume_role"
    assert listed["moto.sts.responses:TokenResponse.assume_role"] == place
    assert listed["moto.settings:moto_server_port"].startswith("local_aws.address:")
