# SPDX-License-Identifier: MIT
"""Fails each test during which realloc_guard has reported something, with the report.

Looks into the logs guard.PID.log of this process and of those that tests start. Without the guard there are none.
"""

import glob
import json
import os
import subprocess

import pytest

# Of workers that run at the same time (pytest-xdist) each looks into its own log alone.
PID = os.getpid() if "PYTEST_XDIST_WORKER" in os.environ else "*"
LOGS = os.path.join(os.getcwd(), f"guard.{PID}.log")
# How far each log has been read. What is there from before is not ours.
read_so_far = {path: os.path.getsize(path) for path in glob.glob(LOGS)}


def new_lines():
    for path in sorted(glob.glob(LOGS)):
        with open(path, "rb") as log:
            log.seek(read_so_far.get(path, 0))
            # A last line without its end is still being written.
            lines = [line for line in log if line.endswith(b"\n")]
            read_so_far[path] = read_so_far.get(path, 0) + sum(map(len, lines))
            yield from lines


def new_reports():
    findings = [line for line in new_lines() if json.loads(line)["event"] == "finding"]
    if not findings:
        return None
    # The guard need not watch its own tool.
    environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    text = subprocess.run(["realloc-guard", "convert", "--to=text", "-"], input=b"".join(findings), env=environment,
                          stdout=subprocess.PIPE, check=True).stdout.decode()
    # Frames of the interpreter itself tell nothing.
    return "\n".join(line for line in text.splitlines() if "  (python3" not in line)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    """For each of set-up, call and tear-down."""
    report = (yield).get_result()
    reports = new_reports()
    if reports and report.failed:
        report.sections.append(("realloc_guard", reports))
    elif reports:
        report.outcome, report.longrepr = "failed", reports
