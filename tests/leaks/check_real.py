#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Real programs with leaks=1: they print and leave what they do without the guard, and nothing is said to be leaked by those
in which memcheck finds nothing lost for sure. Of what memcheck finds in others some is said to be leaked, and no more."""

import argparse
import os
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import guarded  # noqa: E402

SOURCE = os.path.join(HERE, "leaked.c")
CLEAN = {
    "bash": ["bash", "-c", "declare -A a; for i in {1..500}; do a[$i]=$(( i * i )); done; echo ${a[77]} $(echo sub)"],
    "python": ["python3", "-c", "import json, re; print(len(json.dumps([{str(n): n} for n in range(2000)])))"],
    "git": ["git", "--version"],
    "sqlite": ["sqlite3", ":memory:", "create table t(a); insert into t values (1), (2); select sum(a) from t;"],
    "jq": ["jq", "-n", "[range(1000)] | map(. * .) | add"],
    "sed": ["sed", "-n", "s/forget/FORGET/p", SOURCE],
    "grep": ["grep", "-c", "static", SOURCE],
    "awk": ["awk", "{ n[$1]++ } END { print length(n) }", SOURCE],
    "lua": ["lua5.4", "-e", "local t = {} for i = 1, 1000 do t[i] = {i} end print(#t)"],
    "xmllint": ["xmllint", "--html", "--noout", "--recover", "/dev/null"],
}
LEAKY = {
    "compiler": ["gcc", "-E", "-o", "/dev/null", SOURCE],
    "sort": ["sort", SOURCE],
    "date": ["date", "-d", "2026-01-01"],
    "perl": ["perl", "-e", "my @a = map { { a => $_ } } 1 .. 1000; print scalar(@a)"],
}
DIRECTLY = re.compile(rb"leaked in all: (\d+) bytes? in (\d+) block")
LOST = re.compile(rb"(?:definitely|indirectly) lost: ([\d,]+) bytes in ([\d,]+) blocks")


def add_up(pattern, text):
    """Bytes and blocks."""
    found = [[int(number.replace(b",", b"")) for number in match.groups()] for match in pattern.finditer(text)]
    return [sum(column) for column in zip(*found)] or [0, 0]


def with_guard(args, argv, folder):
    guard = guarded.guard_of(args)
    log = os.path.join(folder, "log")
    guard.options += f":leaks=1:symbolize=0:exitcode=0:log_path={log}"
    result = guarded.run(argv, guard, cwd=folder, timeout=300)
    report = b""
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        with open(path, "rb") as file:
            report += file.read()
        os.unlink(path)
    return result, report


def with_memcheck(argv, folder):
    result = guarded.run(["valgrind", "--leak-check=full", "--run-libc-freeres=no", *argv], cwd=folder, timeout=300)
    return add_up(LOST, result.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--guard", "--witness", "--options"):
        parser.add_argument(name, required=True)
    args = parser.parse_args()
    guarded.skip_unless_possible(args.options)
    errors, runs = [], []
    with tempfile.TemporaryDirectory(prefix="rg-leaks-") as folder:
        for name, argv in {**CLEAN, **LEAKY}.items():
            native = guarded.run(argv, cwd=folder, timeout=300)
            result, report = with_guard(args, argv, folder)
            runs.append((name, result))
            if not result.guarded:
                errors.append(f"{name}: ran without the guard")
            if (result.status, result.stdout, result.stderr) != (native.status, native.stdout, native.stderr):
                errors.append(f"{name}: ends with {result.status}, not {native.status}, or prints something else")
            most = with_memcheck(argv, folder) if name in LEAKY else [0, 0]
            leaked = add_up(DIRECTLY, report)
            if any(mine > its for mine, its in zip(leaked, most)) or (name in LEAKY and leaked == [0, 0]):
                errors.append(f"{name}: memcheck finds {most}, the guard says\n{report.decode(errors='replace')}")
    guarded.finish(errors, runs if errors else ())


if __name__ == "__main__":
    main()
