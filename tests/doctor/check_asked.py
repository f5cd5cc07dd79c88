#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""gdb calls realloc_guard_find_lost in a program that it has stopped: a block that is lost is told, once,
and one is not whose pointer is in a register that gdb has put aside for the call."""

import argparse
import os
import re
import shutil
import subprocess
import sys

SKIPPED = 77
ASK = "print (int)realloc_guard_find_lost()"


def gdb(exe, *commands):
    commands = ("set confirm off", "set debuginfod enabled off", *commands)
    return subprocess.run(
        ["gdb", "-batch", "-nx", *(word for command in commands for word in ("-ex", command)),
         os.path.abspath(exe)],
        check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=80).stdout


def can_call(exe):
    """Some versions of gdb cannot on processors that are newer than they are."""
    return bool(shutil.which("gdb")) and "$1 = 3\n" in gdb(exe, "break main", "run", "print (int)abs(-3)")


def ask(args):
    variables = {"LD_PRELOAD": os.path.abspath(args.guard),
                 "REALLOC_GUARD_OPTIONS": f"{args.options}:symbolize=0:fail_realloc='site:*failing*'"}
    words = " ".join(f'"{name}={value}"' for name, value in variables.items())
    return gdb(args.exe, f"set exec-wrapper env {words}", "break *at_hold", "break *at_loss", "run", ASK,
               "continue", ASK, ASK, "continue")


def main():
    parser = argparse.ArgumentParser()
    for name in ("guard", "options", "exe"):
        parser.add_argument(f"--{name}", required=True)
    args = parser.parse_args()
    if not can_call(args.exe):
        print("skipped: gdb cannot call a function of any program here")
        return SKIPPED
    output = ask(args)
    answers = re.findall(r"^\$\d = (-?\d+)$", output, re.MULTILINE)
    reports = len(re.findall(r"^==\d+== lost block", output, re.MULTILINE))
    if answers != ["0", "1", "0"] or reports != 1:
        print(f"answers {answers}, {reports} reports:\n{output}")
        return 1
    return 0


sys.exit(main())
