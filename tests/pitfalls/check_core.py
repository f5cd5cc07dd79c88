#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A core file of a program with 100,000 blocks stays within twice its size without the guard,
although every block has a mapping of its own, and gdb walks the stack in it."""

import argparse
import os
import resource
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import guarded  # noqa: E402

ALLOWED_TIMES = 2
CORE_LIMIT = 4 << 30  # bytes; a core that was cut off there is too large anyway


def core_of(program, variables, folder):
    """Path of the core file that the program leaves in folder."""
    limits = (CORE_LIMIT, resource.getrlimit(resource.RLIMIT_CORE)[1])
    done = subprocess.run([program], cwd=folder, env=dict(guarded.clean_env(), **variables),
                          capture_output=True,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, limits))
    cores = [entry for entry in os.listdir(folder) if entry.startswith("core")]
    if done.returncode != -6 or len(cores) != 1:
        raise RuntimeError(f"status {done.returncode}, files {cores}")
    return os.path.join(folder, cores[0])


def skip_unless_cores():
    with open("/proc/sys/kernel/core_pattern", encoding="utf-8") as pattern:
        if not pattern.read().startswith("core"):
            print("SKIP: core files do not go to the current folder here")
            sys.exit(guarded.SKIP)
    if resource.getrlimit(resource.RLIMIT_CORE)[1] not in (resource.RLIM_INFINITY,):
        print("SKIP: core files are limited here")
        sys.exit(guarded.SKIP)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("guard", "witness", "options", "exe"):
        parser.add_argument("--" + name, required=True)
    args = parser.parse_args()
    guarded.skip_unless_possible(args.options)
    skip_unless_cores()
    program = os.path.abspath(args.exe)
    sizes = []
    errors = []
    for variables in ({}, {"LD_PRELOAD": os.path.abspath(args.guard),
                           "REALLOC_GUARD_OPTIONS": args.options}):
        with tempfile.TemporaryDirectory(prefix="rg-core-") as folder:
            core = core_of(program, variables, folder)
            sizes.append(os.path.getsize(core))
            told = subprocess.run(["gdb", "-batch", "-nx", "-ex", "backtrace", program, core],
                                  capture_output=True, text=True).stdout
            if " in main " not in told:
                errors.append(f"gdb does not find main in the core:\n{told}")
    print(f"native {sizes[0]} bytes, guarded {sizes[1]} bytes")
    if sizes[1] > ALLOWED_TIMES * sizes[0]:
        errors.append(f"the core file has {sizes[1]} bytes, natively {sizes[0]}")
    guarded.finish(errors)


if __name__ == "__main__":
    main()
