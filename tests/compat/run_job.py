#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs one job natively and under the guard, in a folder of the same name, and requires the same
exit status, standard output, standard error and files, and not a word from the guard in any process."""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import guarded  # noqa: E402
import place as places  # noqa: E402
from registry import JOBS  # noqa: E402

# Under mprotect there are seals for so many blocks only; what then happens is promised, and no report.
LAPSE = re.compile(r"^==\d+== realloc_guard: (?:0 misuses reported .*|\d+ of \d+ moved blocks could "
                   r"not be sealed .*)\n", re.MULTILINE)
ASIDE = r"==\d+== realloc_guard: malloc of this program is that of %s, not the guard's: [^\n]*\n"


@dataclass
class Outcome:
    result: guarded.Result  # None if the job got into trouble
    tree: dict
    seconds: float
    logs: dict  # what the guard said, by file
    trouble: list
    bare: tuple  # the programs that have a malloc of their own

    def is_expected(self, text):
        """Whether the guard said only that it stands aside in a program that has a malloc of its own."""
        return any(re.fullmatch(ASIDE % re.escape(program), text) for program in self.bare)

    def reports(self):
        return {name: text for name, text in self.logs.items()
                if LAPSE.sub("", text) and not self.is_expected(text)}

    def lapses(self):
        return sum(1 for text in self.logs.values() if not LAPSE.sub("", text))


def prepare(job, folder):
    """Makes folder anew, holding the job's input."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(os.path.join(HERE, "workloads"), folder)
    os.mkdir(os.path.join(folder, "tmp"))
    os.mkdir(os.path.join(folder, "home"))
    if job.prepare:
        job.prepare(folder)


def environment(job, folder):
    return dict(job.env, HOME=os.path.join(folder, "home"), TMPDIR=os.path.join(folder, "tmp"))


def read_tree(job, folder):
    """What the job left behind: path -> digest. The temporary folder must have been emptied."""
    tree = {}
    for path, folders, files in os.walk(folder):
        for name in folders:
            tree[os.path.relpath(os.path.join(path, name), folder)] = "folder"
        for name in files:
            whole = os.path.join(path, name)
            if os.path.islink(whole):
                tree[os.path.relpath(whole, folder)] = "link to " + os.readlink(whole)
                continue
            with open(whole, "rb") as data:
                digest = hashlib.sha256(data.read()).hexdigest()
            is_compared = not whole.endswith(job.uncompared or "\0")
            tree[os.path.relpath(whole, folder)] = digest if is_compared else "any"
    return tree


def run(job, top, guard=None):
    """One run in the folder top, which is made anew; an Outcome. Whatever happens, nothing is left
    running."""
    place = places.Place(top, guard)
    if job.has_files:
        prepare(job, place.folder)
    result, tree, trouble = None, {}, []
    start = time.monotonic()
    try:
        result = job.run(place)
        seconds = time.monotonic() - start
        places.wait_all_children()
    except (places.Trouble, subprocess.TimeoutExpired) as problem:
        seconds = time.monotonic() - start
        trouble.append(f"{problem}\n{place.read_server_logs()}")
    finally:
        left = places.end_all_children()
    if left and not trouble:
        trouble.append("left running: " + ", ".join(left))
    if job.has_files:
        tree = read_tree(job, place.folder)
    return Outcome(result, tree, seconds, place.read_logs(), trouble, job.bare)


def loading_errors(job, result):
    """What is wrong with how the guard was loaded."""
    errors = []
    for program in job.executables():
        if os.path.realpath(program) not in result.guarded:
            errors.append(f"the guard was not loaded into {program}")
    bare = {os.path.realpath(program) for program in job.bare}
    errors += [f"{program} was to have a malloc of its own" for program in sorted(bare)
               if program not in result.bare]
    if others := sorted(set(result.bare) - bare):
        errors.append("ran without the guard: " + ", ".join(others))
    return errors


def differences(native, outcome):
    """How a guarded run differs from the native one, in words."""
    if not native.result or not outcome.result:
        return []
    errors = []
    if outcome.result.status != native.result.status:
        errors.append(f"status {outcome.result.status}, natively {native.result.status}")
    for stream in ("stdout", "stderr"):
        if getattr(outcome.result, stream) != getattr(native.result, stream):
            errors.append(f"{stream} differs from that of the native run")
    for path in sorted(set(native.tree) | set(outcome.tree)):
        if native.tree.get(path) != outcome.tree.get(path):
            errors.append(f"{path} differs from that of the native run")
    return errors


def native_errors(job, native):
    errors = [f"native run: {trouble}" for trouble in native.trouble]
    if native.result and native.result.status != job.status:
        errors.append(f"the native run ended with status {native.result.status}, "
                      f"must be {job.status}")
    return errors


def guarded_errors(job, outcome):
    errors = [f"guarded run: {trouble}" for trouble in outcome.trouble]
    if outcome.reports():
        errors.append(f"the guard reported in {len(outcome.reports())} processes")
    if outcome.result:
        said = (outcome.result.stdout + outcome.result.stderr).decode(errors="replace")
        if guarded.REPORT_LINE.search(said):
            errors.append("the guard said something")
        errors += loading_errors(job, outcome.result)
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guard")
    parser.add_argument("--witness")
    parser.add_argument("--options", default="")
    parser.add_argument("--native-only", action="store_true", help="compare two native runs")
    parser.add_argument("job", choices=sorted(name for name in JOBS if hasattr(JOBS[name], "run")))
    args = parser.parse_args()
    job = JOBS[args.job]
    for program in job.executables():
        if not os.path.exists(program):
            print(f"SKIP: {program} is not installed")
            sys.exit(guarded.SKIP)
    guard = None
    if not args.native_only:
        guarded.skip_unless_possible(args.options)
        guard = guarded.guard_of(args)
    places.adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="rg-job-") as folder:
        top = os.path.join(folder, "top")
        os.chmod(folder, 0o755)
        native = run(job, top)
        outcome = run(job, top, guard)
    errors = native_errors(job, native) + differences(native, outcome)
    errors += guarded_errors(job, outcome) if guard else outcome.trouble
    for name, text in outcome.logs.items():
        print(f"--- {name}\n{text[:8000]}")
    guarded.finish(errors, [("native", native.result), ("guarded", outcome.result)])


if __name__ == "__main__":
    main()
