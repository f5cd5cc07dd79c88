#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A guarded program that does nothing wrong runs under gdb and under strace, which are not
guarded themselves, with the same output and end as natively; gdb can stop in it, walk its stack
and show its variables. With halt_on_error gdb stops where it misuses a pointer."""

import argparse
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import guarded  # noqa: E402


def gdb_batch(variables, program, *commands):
    words = " ".join(f"{name}={value}" for name, value in variables.items())
    commands = ("set confirm off", "set debuginfod enabled off", "set print thread-events off",
                f"set exec-wrapper env {words}", *commands)
    return ["gdb", "-batch", "-nx", *(word for command in commands for word in ("-ex", command)),
            program]


def gdb(variables, program):
    return gdb_batch(variables, program, "break puts", "run", "backtrace 2", "up",
                     "print block[0]", "delete", "continue")


def gdb_halts(variables, program):
    return gdb_batch(variables, program, "handle SIGSEGV nostop noprint pass", "break make_stale",
                     "set environment MISUSE yes", "run", "continue", "frame function misuse",
                     "print answer")


def strace(variables, program):
    words = [word for name, value in variables.items() for word in ("-E", f"{name}={value}")]
    return ["strace", "-f", "-o", "/dev/null", *words, program]


def run(make_command, args, is_guarded):
    with tempfile.NamedTemporaryFile(prefix="rg-witness-") as notes:
        variables = {"RG_WITNESS": notes.name} if is_guarded else {"NOTHING": "1"}
        if is_guarded:
            libraries = (args.guard, args.witness)
            variables["LD_PRELOAD"] = ":".join(map(os.path.abspath, libraries))
            variables["REALLOC_GUARD_OPTIONS"] = args.options
        result = guarded.run(make_command(variables, os.path.abspath(args.exe)))
        result.guarded = [line.partition(" ")[2] for line in notes.read().decode().splitlines()
                          if line.startswith("guarded ")]
        return result


def lines_of_interest(result):
    """The output without what gdb says of processes, addresses and files."""
    return [line for line in result.stdout.decode(errors="replace").splitlines()
            if line.startswith(("#1", "$1", "clean:", "[Inferior 1", "Program received"))]


def without_pid(lines):
    return [line.split(" (process")[0] + line.partition(")")[2]
            if line.startswith("[Inferior") else line for line in lines]


def check_halt(args):
    """The commands that README.md gives."""
    args.options += ":halt_on_error=1"
    result = run(gdb_halts, args, True)
    text = result.stdout.decode(errors="replace")
    errors = guarded.loading_errors(result, args.exe)
    errors += [f"gdb does not say {words!r}" for words in (
        "Breakpoint 1, make_stale", "Program received signal SIGABRT", "$1 = 42") if words not in text]
    if b"stale read: debugged.c:" not in result.stderr:
        errors.append("there is no report")
    guarded.finish(errors, [("guarded", result)])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("guard", "witness", "options", "exe"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("tracer", choices=("gdb", "gdb_halts", "strace"))
    args = parser.parse_args()
    guarded.skip_unless_possible(args.options)
    tool = args.tracer.partition("_")[0]
    if not shutil.which(tool):
        print(f"SKIP: {tool} is not installed")
        sys.exit(guarded.SKIP)
    if args.tracer == "gdb_halts":
        check_halt(args)
    make_command = {"gdb": gdb, "strace": strace}[args.tracer]
    native, result = run(make_command, args, False), run(make_command, args, True)
    told, wanted = (without_pid(lines_of_interest(run)) for run in (result, native))
    errors = guarded.loading_errors(result, args.exe)
    if told != wanted:
        errors.append(f"guarded: {told}, natively: {wanted}")
    if "clean: end" not in wanted or (args.tracer == "gdb" and "$1 = 120 'x'" not in wanted):
        errors.append("the native run shows too little")
    if result.status != native.status:
        errors.append(f"status {result.status}, natively {native.status}")
    if b"realloc_guard:" in result.stderr:
        errors.append("the guard is not silent")
    guarded.finish(errors, [("native", native), ("guarded", result)])


if __name__ == "__main__":
    main()
