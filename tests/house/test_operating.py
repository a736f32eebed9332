"""docs/operating.md says all that is there, and nothing that isn't. Each check is first shown to find a made-up name."""

import ast
import inspect
import re
from collections.abc import Iterable
from typing import Any

import msgspec

from admin.settings import AdminSettings
from callstamp.configuration import Configuration
from ingest import redis_keys
from ingest.merger.settings import MergerSettings
from ingest.settings import IngestSettings
from tests.house.tree import PROJECT, find_calls, first_text, list_files, list_sources, read_all, read_section, read_table, ticked

OPERATING = (PROJECT / "docs" / "operating.md").read_text()
SETTINGS: dict[str, Any] = {
    "INGEST_": IngestSettings,
    "MERGER_": MergerSettings,
    "ADMIN_": AdminSettings,
    "CALLSTAMP_": Configuration,
}
MADE_UP_METRIC = 'MADE_UP = Counter("callstamp_made_up_total", "Nothing", ["why"])'
MADE_UP_LOG = 'log.warning("made_up", reason="none")'
METRIC_KINDS = {"Counter": "counter", "Gauge": "gauge", "Histogram": "histogram"}


# --- settings


def settings_in_code() -> dict[str, Any]:
    """Each setting with its default."""
    return {
        prefix + field.name.upper(): "must be set" if field.required else field.default
        for prefix, kind in SETTINGS.items()
        for field in msgspec.structs.fields(kind)
    }


def settings_in_paper(page: str) -> dict[str, str]:
    return {ticked(row[0])[0]: row[1] for row in read_table(read_section(page, "## Settings"))}


def test_each_setting_is_documented_with_its_default_and_no_other() -> None:
    code, paper = settings_in_code(), settings_in_paper(OPERATING)
    assert code.keys() == paper.keys()
    for name, default in code.items():
        if isinstance(default, int | float):
            assert float(paper[name]) == default, name
        elif default == "must be set" or name.endswith("_HOST"):
            assert paper[name].strip("`") == default, name


def test_the_check_of_settings_sees_a_row_too_many_and_one_too_few() -> None:
    row = "| `INGEST_PORT` |"
    assert "INGEST_MADE_UP" in settings_in_paper(OPERATING.replace(row, f"| `INGEST_MADE_UP` | 1 | | |\n{row}"))
    assert "INGEST_PORT" not in settings_in_paper(OPERATING.replace(row, "| `INGEST_PROT` |"))


# --- metrics


def metrics_in_code(sources: Iterable[str]) -> dict[str, tuple[str, list[str]]]:
    """Each metric with its kind and labels."""
    metrics = {}
    for source in sources:
        for call in find_calls(source):
            name = first_text(call)
            if isinstance(call.func, ast.Name) and call.func.id in METRIC_KINDS and name:
                labels = ast.literal_eval(call.args[2]) if len(call.args) > 2 else []
                metrics[name] = METRIC_KINDS[call.func.id], labels
    return metrics


def metrics_in_paper(page: str) -> dict[str, tuple[str, list[str]]]:
    rows = read_table(read_section(page, "## Metrics"))
    return {ticked(row[0])[0]: (row[2].partition(",")[0], ticked(row[3])) for row in rows}


def test_each_metric_is_documented_with_its_kind_and_labels_and_no_other() -> None:
    assert metrics_in_code(read_all(list_sources())) == metrics_in_paper(OPERATING)


def test_the_check_of_metrics_sees_a_made_up_one() -> None:
    assert metrics_in_code([MADE_UP_METRIC]) == {"callstamp_made_up_total": ("counter", ["why"])}
    assert "callstamp_made_up_total" not in metrics_in_paper(OPERATING)


# --- log events


def log_events_in_code(sources: Iterable[str]) -> set[tuple[str, str]]:
    """Each event and field, an event without fields with an empty one."""
    events: set[tuple[str, str]] = set()
    for source in sources:
        for call in find_calls(source):
            if not (
                isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == "log"
            ):
                continue
            name = first_text(call)
            assert name, f"line {call.lineno}: a log event has a name, not a text made up on the spot"
            fields = {"exception" if keyword.arg == "exc_info" else str(keyword.arg) for keyword in call.keywords}
            fields |= {"exception"} if call.func.attr == "exception" else set()
            events |= {(name, field) for field in fields or {""}}
    return events


def log_events_in_paper(page: str) -> set[tuple[str, str]]:
    rows = read_table(read_section(page, "## Logs"))
    return {(ticked(row[0])[0], field) for row in rows for field in ticked(row[3]) or [""]}


def test_each_log_event_is_documented_with_its_fields_and_no_other() -> None:
    assert log_events_in_code(read_all(list_sources())) == log_events_in_paper(OPERATING)


def test_the_check_of_log_events_sees_a_made_up_one() -> None:
    assert log_events_in_code([MADE_UP_LOG]) == {("made_up", "reason")}
    assert ("made_up", "reason") not in log_events_in_paper(OPERATING)


# --- Redis keys

SAMPLES: dict[str, Any] = {
    "company_id": 7,
    "caller_number": "+15551230000",
    "call_uuid": "u-1",
    "partition": b"{p042}",
    "table": "campaigns",
    "postback_key_id": 9,
    "marker": "b4t:16",
    "name": "order-1",
}
SHOWN = {
    "NNN": r"\d{3}",
    "COMPANY": "7",
    "CALLER": r"\+15551230000",
    "UUID": "u-1",
    "TABLE": "campaigns",
    "POSTBACK_KEY": "9",
    "BATCH:INDEX": "b4t:16",
    "HASH": "[0-9a-f]{32}",
}


def keys_in_code(functions: dict[str, Any]) -> dict[str, str]:
    """The name of each Redis key for the samples, by the function that makes it."""
    return {
        name: function(*(SAMPLES[parameter] for parameter in inspect.signature(function).parameters)).decode()
        for name, function in functions.items()
        if name.endswith("_key")
    }


def keys_in_paper(page: str) -> dict[str, re.Pattern[str]]:
    rows = [row for row in read_table(read_section(page, "## What is in Redis")) if len(row) == 5]
    return {ticked(row[4])[0]: _pattern_of(ticked(row[0])[0]) for row in rows}


def _pattern_of(shown: str) -> re.Pattern[str]:
    pattern = re.escape(shown)
    for word, sample in SHOWN.items():
        pattern = pattern.replace(word, sample)
    return re.compile(pattern)


def test_each_redis_key_is_documented_as_it_is_spelt_and_no_other() -> None:
    code, paper = keys_in_code(vars(redis_keys)), keys_in_paper(OPERATING)
    assert code.keys() == paper.keys()
    for name, pattern in paper.items():
        assert pattern.fullmatch(code[name]), name


def test_the_scripts_spell_each_key_as_python_does() -> None:
    lua = (PROJECT / "ingest" / "lua" / "1_keys.lua").read_text()
    spelt = dict(re.findall(r"local function (\w+_key)\([^)]*\) return partition \.\. '(\w)", lua))
    in_a_partition = {name: key for name, key in keys_in_code(vars(redis_keys)).items() if key.startswith("{p")}
    python = {name: key.partition("}")[2][0] for name, key in in_a_partition.items()}
    assert spelt == python


def test_the_check_of_keys_sees_a_made_up_one_and_a_wrong_spelling() -> None:
    assert keys_in_code({"made_up_key": lambda company_id: b"{p001}z:%d" % company_id}) == {"made_up_key": "{p001}z:7"}
    assert not keys_in_paper(OPERATING)["waiting_key"].fullmatch("{p042}v:7:+15551230000")


# --- scripts


def functions_registered(lua: str) -> set[str]:
    return set(re.findall(r"'(\w+)_VERSION'", lua))


def functions_called(sources: Iterable[str]) -> set[str]:
    called = set()
    for source in sources:
        for call in find_calls(source):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name in ("run", "pack_function_call") and (function := first_text(call)):
                called.add(function)
    return called


def test_each_function_of_the_library_is_called_and_each_that_is_called_is_there() -> None:
    lua = "\n".join(read_all(list_files(".lua", under=PROJECT / "ingest")))
    assert functions_registered(lua) == functions_called(read_all(list_files(".py", under=PROJECT / "ingest")))


def test_the_check_of_functions_sees_made_up_ones() -> None:
    assert functions_registered("redis.register_function('made_up_VERSION', made_up)") == {"made_up"}
    assert functions_called(["store.run('made_up', key)"]) == {"made_up"}


# --- tables


def tables_in_code(statements: Iterable[str]) -> set[str]:
    """The tables that are made, partitions aside."""
    made = r"^\s*create table (?:if not exists )?([a-z_]+) \("
    return {table for sql in statements for table in re.findall(made, sql, re.MULTILINE)}


def tables_in_paper(page: str) -> set[str]:
    return {table for row in read_table(read_section(page, "## What is in PostgreSQL")) for table in ticked(row[0])}


def test_each_table_is_documented_and_no_other() -> None:
    statements = read_all([*list_files(".sql", under=PROJECT / "schemas"), PROJECT / "shared" / "migrate.py"])
    assert tables_in_code(statements) == tables_in_paper(OPERATING)


def test_the_check_of_tables_sees_a_made_up_one() -> None:
    assert tables_in_code(["create table made_up (\n id bigint)"]) == {"made_up"}
