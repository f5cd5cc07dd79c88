#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that no function is missing from the calls that are looked at for stale pointers: each exported
function of the C library whose machine code makes a system call is either exported by the guard too or
in the reviewed list, with a reason. Exit status 0 pass, 1 fail, 77 skip."""

import argparse
import bisect
import os
import re
import subprocess
import sys

GLIBC = "2.36"
SKIP = 77
INSTRUCTION = re.compile(r"\s*([0-9a-f]+):\s+syscall\b")


def run(*command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


def exported_functions(library, readelf):
    """(address, size, name) of every function in its default version that others may use."""
    for line in run(readelf, "--dyn-syms", "--wide", library).splitlines():
        fields = line.split()
        if len(fields) < 8 or fields[3] not in ("FUNC", "IFUNC") or fields[6] == "UND":
            continue
        name, _, version = fields[7].partition("@@")
        if version and version != "GLIBC_PRIVATE":
            yield int(fields[1], 16), int(fields[2], 0), name


def functions_with_system_calls(args):
    code = run(args.objdump, "--disassemble", "--no-show-raw-insn", args.libc)
    calls = [int(match[1], 16) for match in map(INSTRUCTION.match, code.splitlines()) if match]
    for address, size, name in exported_functions(args.libc, args.readelf):
        if bisect.bisect_left(calls, address) < bisect.bisect_left(calls, address + size):
            yield name


def read_words(path):
    with open(path, encoding="utf-8") as file:
        return re.sub(r"#.*", "", file.read()).split()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("map", "list", "libc", "objdump", "readelf"):
        parser.add_argument("--" + option, required=True)
    args = parser.parse_args()
    if os.confstr("CS_GNU_LIBC_VERSION") != "glibc " + GLIBC:
        print(f"SKIP: the list is that of glibc {GLIBC}")
        sys.exit(SKIP)
    found = set(functions_with_system_calls(args))
    exported = {word.strip(";") for word in read_words(args.map)}
    listed = read_words(args.list)
    errors = [f"{name} makes a system call, and is neither exported nor in the list"
              for name in sorted(found - exported - set(listed))]
    errors += [f"{name} is in the list for nothing"
               for name in sorted((set(listed) - found) | (set(listed) & exported))]
    errors += [f"{name} is in the list twice" for name in sorted(set(listed)) if listed.count(name) > 1]
    if len(found) < 100:
        errors.append(f"only {len(found)} functions with system calls: the check has checked nothing")
    for error in errors:
        print(f"FAIL: {error}")
    sys.exit(1 if errors else 0)


main()
