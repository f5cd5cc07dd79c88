#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs modules of CPython's own regression tests natively and under the guard. Each module must pass
natively, must have the same outcome of each single test under the guard, and must draw not a word
from the guard in any process that it starts. Only that mprotect seals have lapsed may be said, since
that is what becomes of them in a process that moves many blocks (README.md, Limits); it is counted.
The modules are listed in python_modules.txt.

The interpreter is Debian's, with its tests (package libpython3.11-testsuite). PYTHONMALLOC=malloc
makes each object a block of malloc's; Python's own allocator would hide nearly all of them.

Exit status 0 pass, 1 fail, 77 skip."""

import argparse
import concurrent.futures
import os
import re
import signal
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import guarded  # noqa: E402

PYTHON = "/usr/bin/python3.11"
TESTS = "/usr/lib/python3.11/test"
LIST = os.path.join(HERE, "python_modules.txt")
# A module that hangs is ended, with the stacks of its threads, after so many seconds.
PATIENCE = 3600
SHOWN = 20
# All that a log may say: no misuse, and that seals by mprotect have lapsed.
LAPSE = re.compile(
    r"==\d+== realloc_guard: 0 misuses reported \(0 occurrences\); [^\n]* sealed by mprotect\n"
    r"==\d+== realloc_guard: \d+ of \d+ moved blocks could not be sealed by mprotect, [^\n]*\n")


@dataclass
class Run:
    result: guarded.Result
    seconds: float
    tests: dict  # name of a test -> its outcome, in the order of the run
    logs: dict  # name of a log of the guard's -> what it says
    lapses: int  # processes that said no more than that mprotect seals have lapsed


@dataclass
class Comparison:
    module: str
    native: Run
    guarded: Run
    errors: list

    def reports(self):
        return len(self.guarded.logs) if self.guarded else 0


@dataclass
class Module:
    name: str
    is_quick: bool = False
    left_out: tuple = ()  # patterns of tests that cannot run on this machine, natively either


def read_list():
    modules = {}
    with open(LIST, encoding="utf-8") as lines:
        for line in lines:
            name, *words = line.partition("#")[0].split() or [""]
            if name:
                left_out = tuple(word.partition("=")[2] for word in words if word != "quick")
                modules[name] = Module(name, "quick" in words, left_out)
    return modules


def read_tests(path):
    """The outcome of each test: passed, or what else became of it, with the reason of a skip."""
    tests = {}
    if not os.path.exists(path):
        return tests
    for case in ElementTree.parse(path).iter("testcase"):
        outcome = case.get("outcome", "passed")
        for kind in ("skipped", "failure", "error", "output"):
            if case.find(kind) is not None:
                outcome = kind
                if kind == "skipped":
                    # The tests' name for a temporary file holds the process id.
                    outcome += f" ({re.sub('@test_[0-9]+_', '@test_PID_', case.find(kind).text)})"
        name = case.get("name", "nameless")
        while name in tests:  # a module may run a test class twice
            name += "+"
        tests[name] = outcome
    return tests


def read_logs(folder):
    logs = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as log:
            logs[name] = log.read()
    return logs


def run_module(module, guard):
    """Runs one module in a folder of its own, with one log for each process that is reported on."""
    with tempfile.TemporaryDirectory(prefix="rg-python-") as folder:
        for name in ("home", "logs", "tmp", "work"):
            os.mkdir(os.path.join(folder, name))
        # Some tests give up their privileges and still need to come in and out.
        os.chmod(folder, 0o755)
        os.chmod(os.path.join(folder, "logs"), 0o1777)
        os.chmod(os.path.join(folder, "tmp"), 0o1777)
        xml = os.path.join(folder, "tests.xml")
        argv = [PYTHON, "-m", "test", "--fail-env-changed", "--timeout", str(PATIENCE), "--verbose3",
                "--junit-xml", xml, "--tempdir", os.path.join(folder, "work"),
                *(f"--ignore={pattern}" for pattern in module.left_out), module.name]
        env = {"HOME": os.path.join(folder, "home"), "TMPDIR": os.path.join(folder, "tmp"),
               "PYTHONMALLOC": "malloc", "PYTHONHASHSEED": "0"}
        if guard:
            log = f"log_path={folder}/logs/%p.log"
            guard = guarded.Guard(guard.library, guard.witness,
                                  ":".join(filter(None, [guard.options, log])))
        start = time.monotonic()
        result = guarded.run(argv, guard, cwd=os.path.join(folder, "work"), env=env)
        seconds = time.monotonic() - start
        logs = read_logs(os.path.join(folder, "logs"))
        said = {name: text for name, text in logs.items() if not LAPSE.fullmatch(text)}
        return Run(result, seconds, read_tests(xml), said, len(logs) - len(said))


def compare_tests(native, other):
    errors = []
    for name in [*native.tests, *(name for name in other.tests if name not in native.tests)]:
        was, now = native.tests.get(name, "not run"), other.tests.get(name, "not run")
        if was != now:
            errors.append(f"{name}: {now}, natively {was}")
    return errors


def compare(module, native, other):
    errors = []
    if native.result.status != 0:
        errors.append(f"the native run ended with status {native.result.status}")
    if not native.tests:
        errors.append("the native run holds no test")
    if other:
        if other.result.status != native.result.status:
            errors.append(f"status {other.result.status}, natively {native.result.status}")
        errors += compare_tests(native, other)
        errors += guarded.loading_errors(other.result, PYTHON)
        errors += [f"the guard said in {name}:\n{text}" for name, text in other.logs.items()]
    return Comparison(module.name, native, other, errors)


def run_both(module, guard):
    native = run_module(module, None)
    return compare(module, native, run_module(module, guard) if guard else None)


def run_suite(modules, guard, jobs=1, tell=lambda comparison: None):
    """Runs modules, jobs at a time, and calls tell for each as it ends. Returns the seconds natively
    and under the guard, whether all was the same, and how many processes were reported on."""
    natively = with_guard = reports = 0
    same = True
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        runs = [pool.submit(run_both, module, guard) for module in modules]
        for run in concurrent.futures.as_completed(runs):
            comparison = run.result()
            tell(comparison)
            natively += comparison.native.seconds
            with_guard += comparison.guarded.seconds if comparison.guarded else 0
            same = same and not comparison.errors
            reports += comparison.reports()
    return natively, with_guard, same, reports


def tail(result):
    text = result.stdout.decode(errors="replace") + result.stderr.decode(errors="replace")
    return text[-6000:]


def say(comparison):
    """One line for a module, and everything that is known where it differs."""
    run = comparison.guarded or comparison.native
    skipped = sum(outcome.startswith("skipped") for outcome in run.tests.values())
    times = f"{comparison.native.seconds:.1f} s natively"
    if comparison.guarded:
        times += f", {comparison.guarded.seconds:.1f} s guarded"
        if comparison.guarded.lapses:
            times += f", seals lapsed in {comparison.guarded.lapses} processes"
    print(f"{'FAIL' if comparison.errors else 'same'} {comparison.module}: {len(run.tests)} tests, "
          f"{skipped} skipped, {times}", flush=True)
    for error in comparison.errors[:SHOWN]:
        print(f"  {error}", flush=True)
    if len(comparison.errors) > SHOWN:
        print(f"  and {len(comparison.errors) - SHOWN} more", flush=True)
    if comparison.errors:
        for name in ("native", "guarded"):
            run = getattr(comparison, name)
            if run and run.result.status != 0:
                print(f"--- {name}, status {run.result.status}, the end of it:\n{tail(run.result)}",
                      flush=True)


def say_in_columns(comparison):
    run = comparison.guarded or comparison.native
    print(comparison.module, f"{comparison.native.seconds:.2f}", f"{run.seconds:.2f}",
          "no" if comparison.errors else "yes", comparison.reports(), sep="\t", flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guard", default="build/librealloc_guard.so")
    parser.add_argument("--witness", default="build/tests/support/libwitness.so")
    parser.add_argument("--options", default="", help="value of REALLOC_GUARD_OPTIONS")
    parser.add_argument("--modules", help="only these, with commas between; by default the whole list")
    parser.add_argument("--quick", action="store_true", help="only those marked quick in the list")
    parser.add_argument("--jobs", type=int, default=1, help="so many modules at a time")
    parser.add_argument("--native-only", action="store_true", help="only see that they pass natively")
    parser.add_argument("--tsv", action="store_true",
                        help="module, seconds natively and guarded, same, processes reported on")
    return parser.parse_args()


def main():
    args = parse_arguments()
    # Where it is ignored, as in the background of a shell, the modules would inherit that and fail.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not os.path.isdir(TESTS) or not os.path.exists(PYTHON):
        print(f"SKIP: {PYTHON} or {TESTS} is missing (package libpython3.11-testsuite)")
        sys.exit(guarded.SKIP)
    guard = None
    if not args.native_only:
        guarded.skip_unless_possible(args.options)
        guard = guarded.guard_of(args)
    modules = read_list()
    if args.modules:
        modules = [modules.get(name, Module(name)) for name in args.modules.split(",")]
    else:
        modules = [module for module in modules.values() if module.is_quick or not args.quick]
    natively, with_guard, same, reports = run_suite(
        modules, guard, args.jobs, say_in_columns if args.tsv else say)
    if not args.tsv:
        print(f"{len(modules)} modules, {natively:.1f} s natively, {with_guard:.1f} s guarded, "
              f"{'all the same' if same else 'NOT the same'}, {reports} processes reported on")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
