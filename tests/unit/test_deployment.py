"""The image, the compose file and the lock files say nothing that isn't so, as far as that can be seen without running them."""

import importlib.util
import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from admin.settings import AdminSettings
from callstamp.__main__ import main
from ingest.merger.settings import MergerSettings
from ingest.settings import IngestSettings
from shared.embedded.valkey import DURABLE

PROJECT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "compose.yaml").read_text())
SETTINGS = {"INGEST_": IngestSettings, "MERGER_": MergerSettings, "ADMIN_": AdminSettings}


def lock_lines(name: str) -> set[str]:
    """Each `name==version`, without hashes and conditions."""
    return {line.split()[0] for line in (PROJECT / "requirements" / name).read_text().splitlines() if "==" in line}


def check_command(command: list[str]) -> None:
    """A command of ours: a module that can be run, or a command of the command line."""
    assert command[:2] == ["python", "-m"], command
    module = command[2]
    if module == "callstamp":
        assert command[3] in main.commands, command
    elif module != "callstamp":
        spec = importlib.util.find_spec(module)
        assert spec is not None, command
        runnable = f"{module}.__main__" if spec.submodule_search_locations else module
        assert importlib.util.find_spec(runnable) is not None, command


@pytest.mark.parametrize("name", ["ingest", "merger", "drain", "admin", "migrate"])
def test_each_service_of_the_compose_file_is_a_command_that_exists(name: str) -> None:
    service = COMPOSE["services"][name]
    check_command(service["command"])
    if "healthcheck" in service:
        assert service["healthcheck"]["test"][0] == "CMD"
        check_command(service["healthcheck"]["test"][1:])


@pytest.mark.parametrize("name", ["ingest", "merger", "drain", "admin", "migrate"])
def test_each_setting_of_the_compose_file_is_one(name: str) -> None:
    for variable in COMPOSE["services"][name]["environment"]:
        prefix = next(prefix for prefix in SETTINGS if variable.startswith(prefix))
        fields = {prefix + field.name.upper() for field in msgspec.structs.fields(SETTINGS[prefix])}
        assert variable in fields


def test_the_store_of_the_compose_file_is_durable() -> None:
    words = COMPOSE["services"]["valkey"]["command"][1:]
    given = {name.removeprefix("--"): value for name, value in zip(words[::2], words[1::2], strict=True)}
    assert given.items() <= DURABLE.items()
    assert {"appendonly", "appendfsync", "maxmemory-policy"} <= given.keys()


def test_ports_are_published_on_this_machine_alone() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_image_has_all_it_copies_and_runs_as_nobody_special() -> None:
    lines = (PROJECT / "Dockerfile").read_text().splitlines()
    kept = (PROJECT / ".dockerignore").read_text().split()
    copied = [line.split()[1] for line in lines if line.startswith("COPY ")]
    for source in copied:
        assert (PROJECT / source).exists(), source
        assert f"!{source}" in kept, source
    assert {"schemas", "shared", "ingest", "admin", "callstamp"} <= set(copied)
    (user,) = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert user.split(":")[0] not in ("0", "root")
    (command,) = [line for line in lines if line.startswith("CMD ")]
    check_command(yaml.safe_load(command.removeprefix("CMD ")))


def test_the_lock_files_hold_what_the_project_asks_for_and_agree() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = {
        "services.txt": project["dependencies"],
        "run.txt": project["dependencies"] + extras["embedded"],
        "dev.txt": project["dependencies"] + extras["embedded"] + extras["dev"],
        "bench.txt": project["dependencies"] + extras["embedded"] + extras["bench"],
    }
    for lock, requirements in wanted.items():
        locked = {line.partition("==")[0] for line in lock_lines(lock)}
        assert {re.split(r"[<>=\[]", requirement)[0] for requirement in requirements} <= locked, (
            f"run requirements/compile for {lock}"
        )
    assert lock_lines("services.txt") <= lock_lines("run.txt") <= lock_lines("dev.txt")
    assert lock_lines("run.txt") <= lock_lines("bench.txt")


@pytest.mark.parametrize("name", ["services.txt", "run.txt", "dev.txt", "bench.txt"])
def test_a_lock_file_names_no_registry_and_has_a_hash_for_everything(name: str) -> None:
    text = (PROJECT / "requirements" / name).read_text()
    assert not re.search(r"://|--index|--find-links", text)
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=\S)", text) if "==" in block)
