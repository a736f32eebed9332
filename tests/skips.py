"""What a skipped test means: on a newcomer's machine a guarantee that wasn't tried, in CI a failure."""

import ast
import os
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

ALLOWED_IN_CI = {
    "a disk to cut off needs loop mounts": "a container without loop devices can't simulate a power cut; tests/faults/test_power_cut.py",
    "this kernel has no range of ports for a socket": "it came with Linux 6.3; tests/unit/test_hold_port.py",
}
"""How the reason of a skip begins that CI accepts, and why. CI installs everything else (see .ci/run)."""

_GUARANTEES = re.compile(r"\bGuarantees? (\d+(?:(?:, | and |, and )\d+)*)")


def fail_if_skipped_in_ci(report: Any) -> None:
    """Turn a skip into a failure where the environment says CI, unless its reason is in ALLOWED_IN_CI."""
    if not report.skipped or hasattr(report, "wasxfail") or not os.environ.get("CI"):
        return
    reason = reason_of(report)
    if not reason.startswith(tuple(ALLOWED_IN_CI)):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where nothing may be skipped but for the reasons in tests/skips.py: {reason}"


def reason_of(report: Any) -> str:
    """Return why a test was skipped."""
    return str(report.longrepr[2]).removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else str(report.longrepr)


def list_untried(root: Path, skipped: list[Any]) -> str:
    """Return one line that says which guarantees, or areas without a number, the skipped tests leave untried; empty if none."""
    reasons: dict[str, set[str]] = defaultdict(set)
    for report in skipped:
        reasons[reason_of(report)].add(find_subject(root / report.nodeid.partition("::")[0]))
    parts = [f"{', '.join(sorted(subjects))} ({reason})" for reason, subjects in sorted(reasons.items())]
    return f"Not tried on this machine: {'; '.join(parts)}." if parts else ""


def find_subject(file: Path) -> str:
    """Return the guarantees that the docstring of a test file names ("guarantee 3"), or else the folder it is in."""
    docstring = ast.get_docstring(ast.parse(file.read_text())) or ""
    if numbers := _GUARANTEES.findall(docstring):
        return f"guarantee {', '.join(numbers)}"
    return file.parent.name
