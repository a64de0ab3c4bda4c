"""How the package is laid out: no circle of imports, one way to import, the same files for every service."""

import ast
from collections.abc import Iterator
from pathlib import Path

from local_aws import installation

PACKAGE = Path(installation.__file__).parent
SERVICES = PACKAGE / "services"
# See the README: each is a module, or a folder of modules where it is more than one.
NAMES = {"models", "responses", "operations", "resources", "validation", "exceptions"}


def module_of(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


FILES = {module_of(file): file for file in sorted(PACKAGE.rglob("*.py"))}


def imports(file: Path) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node


def imported(module: str) -> set[str]:
    """The modules of the package that one reads, in functions too, with the packages that are read on the way there."""
    found: set[str] = set()
    for node in imports(FILES[module]):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            members = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in FILES else str(node.module) for name in members]
        for name in names:
            while name in FILES:
                found.add(name)
                name = name.rpartition(".")[0]
    if module == installation.__name__:
        found |= set(installation.modules_of_services())
    # A package is read before its modules, whatever they import.
    return {name for name in found if not f"{module}.".startswith(f"{name}.")}


def circle(graph: dict[str, set[str]]) -> list[str]:
    """One circle of imports, or nothing."""
    done: set[str] = set()

    def follow(module: str, path: list[str]) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return []
        for other in sorted(graph[module]):
            found = follow(other, [*path, module])
            if found:
                return found
        done.add(module)
        return []

    return next((found for module in sorted(graph) if (found := follow(module, []))), [])


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_imports_go_in_a_circle() -> None:
    assert circle({module: imported(module) for module in FILES}) == []


def test_only_the_deployment_knows_what_is_deployed() -> None:
    deployment = f"{PACKAGE.name}.deploy"
    readers = {
        module
        for module in FILES
        if any(name.startswith(deployment) for name in imported(module)) and not module.startswith(deployment)
    }
    assert readers == {f"{PACKAGE.name}.__main__"}


def test_all_imports_are_absolute() -> None:
    relative = [
        module
        for module, file in FILES.items()
        for node in imports(file)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_services_have_the_same_files() -> None:
    others = [
        entry.relative_to(SERVICES)
        for service in SERVICES.iterdir()
        if service.is_dir() and service.name != "__pycache__"
        for entry in service.iterdir()
        if entry.name not in ("__init__.py", "__pycache__")
        and not (entry.stem in NAMES and (entry.suffix == ".py" or entry.is_dir()))
    ]
    assert others == []


def test_every_folder_is_a_package() -> None:
    folders = {file.parent for file in FILES.values()}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []
    for service in SERVICES.iterdir():
        if service.is_dir() and service.name != "__pycache__":
            assert (service / "__init__.py").exists(), service


def test_a_service_says_in_its_package_what_it_corrects_and_no_more() -> None:
    for module, file in FILES.items():
        if file.name == "__init__.py" and file.is_relative_to(SERVICES):
            body = ast.parse(file.read_text(encoding="utf-8")).body
            assert len(body) == 1 and isinstance(body[0], ast.Expr), module
