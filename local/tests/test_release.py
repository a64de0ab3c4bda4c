"""Packages: the same bytes from the same contents, and templates that name each function's zip.

A small program is built here as a function is; `make test-package` compares two builds of a function, and CI two of all.
"""

import os
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml
from cyclonedx.model.bom import Bom
from release import archives, bill, build, crates, templates
from release.build import ARCHITECTURES, REPOSITORY, renamed

from local_aws.deploy.artifacts import binary_names
from local_aws.deploy.stacks import with_nested
from local_aws.lambda_service import uploaded


def test_a_zip_depends_on_its_contents_only(tmp_path: Path) -> None:
    made = []
    for name, time, mode in (("one", 1_000_000_000, 0o700), ("two", 1_500_000_000, 0o444)):
        program = tmp_path / name
        program.write_bytes(b"program")
        program.chmod(mode)
        os.utime(program, (time, time))
        archives.write_function(tmp_path / f"{name}.zip", program)
        made.append((tmp_path / f"{name}.zip").read_bytes())
    assert made[0] == made[1]
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        [entry] = archive.infolist()
        assert (entry.filename, stat.filemode(entry.external_attr >> 16)) == ("bootstrap", "-rwxr-xr-x")


def test_a_folder_is_packed_in_one_order_whoever_wrote_it_when(tmp_path: Path) -> None:
    for place, names in (("a", ["x", "y", "z"]), ("b", ["z", "y", "x"])):
        for name in names:
            (tmp_path / place / "avm" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / place / "avm" / name).write_text(name)
        archives.write_folder(tmp_path / f"{place}.zip", tmp_path / place / "avm")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_sums_are_read_by_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "one.zip").write_bytes(b"1")
    (tmp_path / "SHA256SUMS").write_text(archives.sums(tmp_path))
    checked = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    assert subprocess.run(checked, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "functions" / "one.zip").write_bytes(b"2")
    assert subprocess.run(checked, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_every_function_of_the_packaged_templates_is_a_zip_beside_them() -> None:
    expected = {name for template in with_nested(REPOSITORY / "template.yaml") for name in binary_names(template).values()}
    found = set()
    for path in [REPOSITORY / "template.yaml", *sorted((REPOSITORY / "templates").glob("*.yaml"))]:
        text = templates.of_zips(path, REPOSITORY, "arm64")
        if text is None:
            continue
        packaged = yaml.safe_load(text)
        assert packaged["Parameters"]["Architecture"]["AllowedValues"] == ["arm64"]
        for resource in packaged["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                zipped = (path.parent / resource["Properties"]["CodeUri"]).resolve()
                assert zipped.parent == REPOSITORY / "functions" and "Metadata" not in resource
                found.add(zipped.stem)
    assert found == expected


def test_a_function_of_a_package_is_code_as_lambda_wants_it(tmp_path: Path) -> None:
    (tmp_path / "program").write_bytes(b"#!/bin/sh\n")
    archives.write_function(tmp_path / "function.zip", tmp_path / "program")
    with zipfile.ZipFile(tmp_path / "function.zip") as archive:
        assert archive.namelist() == [uploaded.PROGRAM]


def test_the_bill_names_each_crate_once_and_is_the_same_each_time() -> None:
    parts = crates.of_functions(ARCHITECTURES["arm64"])
    names = {crate.name for crate in parts}
    assert {"tokio", "aws-sdk-organizations", "rustls"} <= names
    # Neither what the command alone is built of, nor what only tests.
    assert not names & {"clap", "aws-sdk-ssooidc", "proptest"}
    assert all(crate.licence and crate.checksum for crate in parts)
    text = bill.text(parts, "1.2.3", 1_700_000_000)
    assert text == bill.text(parts, "1.2.3", 1_700_000_000)
    read = Bom.from_json(yaml.safe_load(text))  # type: ignore[attr-defined]
    assert {component.name for component in read.components} == names
    assert "tokio 1." in crates.licences(parts) and "Permission is hereby granted" in crates.licences(parts)


def test_programs_know_no_folder_of_the_machine(tmp_path: Path) -> None:
    names = list(renamed(tmp_path / "target"))
    assert str(REPOSITORY) in names and str(tmp_path / "target") in names
    # What lies within another folder comes after it: the last rule that fits counts.
    assert names == sorted(names, key=len)


# A panic in what a build script has made: the compiler knows the file by its whole path.
SMALL = {
    "Cargo.toml": '[workspace]\nmembers = ["functions"]\nresolver = "2"\n[profile.release]\nlto = true\nstrip = true\n',
    "functions/Cargo.toml": '[package]\nname = "functions"\nedition = "2024"\n[[bin]]\nname = "small"\npath = "main.rs"\n',
    "functions/build.rs": """fn main() {
        let made = "fn made(n: usize) -> u8 { [1, 2, 3].repeat(n)[n] }";
        std::fs::write(std::env::var("OUT_DIR").unwrap() + "/made.rs", made).unwrap();
    }""",
    "functions/main.rs": """include!(concat!(env!("OUT_DIR"), "/made.rs"));
    fn main() { println!("{}", made(std::env::args().count())); }""",
}


def test_a_program_is_the_same_wherever_it_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = []
    for sources, target in ((tmp_path / "one", tmp_path / "built"), (tmp_path / "the" / "other", tmp_path / "elsewhere")):
        for name, text in SMALL.items():
            (sources / name).parent.mkdir(parents=True, exist_ok=True)
            (sources / name).write_text(text)
        subprocess.run(["cargo", "generate-lockfile", "--offline", "--quiet"], cwd=sources, check=True)
        monkeypatch.setattr(build, "REPOSITORY", sources)
        programs.append(build.build(build.of_this_machine(), target, ["small"])["small"].read_bytes())
    assert b"made.rs" in programs[0] and os.fsencode(tmp_path) not in programs[0]
    assert programs[0] == programs[1]
