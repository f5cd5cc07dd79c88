#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a program many times under the guard, with a number as argument, and requires that no run
hangs or fails. Of one that hangs the stacks of all its threads and children are shown, by gdb."""

import argparse
import concurrent.futures
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import guarded  # noqa: E402

HANGS = 60  # seconds for what takes a small part of one


def session_of(leader):
    """The processes of a session that are still there."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        if fields[3] == str(leader):
            found.append(int(pid))
    return found


def stacks_of(leader):
    if not shutil.which("gdb"):
        return "gdb is not installed: no stacks\n"
    told = ""
    for pid in session_of(leader):
        command = ["gdb", "-batch", "-nx", "-ex", "set debuginfod enabled off", "-ex",
                   "thread apply all bt 20", "-p", str(pid)]
        done = subprocess.run(command, capture_output=True, text=True,
                              env=guarded.clean_env(), check=False)
        told += f"--- process {pid}\n{done.stdout}"
    return told


def run_once(number, args, env):
    """What is wrong with one run, or None."""
    # A session of its own: the children of a run that hangs are found by it.
    process = subprocess.Popen([args.exe, str(number)], env=env, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, start_new_session=True)
    try:
        out, err = process.communicate(timeout=HANGS)
    except subprocess.TimeoutExpired:
        told = stacks_of(process.pid)
        for pid in session_of(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.communicate()
        return f"run {number} hangs:\n{told}"
    if process.returncode != 0 or out != args.prints.encode() + b"\n" or err:
        return f"run {number} ended with status {process.returncode}: {out!r} {err!r}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("guard", "witness", "options", "exe", "prints"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--runs", type=int, default=1000)
    args = parser.parse_args()
    guarded.skip_unless_possible(args.options)
    args.exe = os.path.abspath(args.exe)
    guard = guarded.guard_of(args)
    # The first run shows that the guard is really there.
    first = guarded.run([args.exe, "0"], guard)
    errors = guarded.loading_errors(first, args.exe)
    env = dict(guarded.clean_env(), LD_PRELOAD=guard.library, REALLOC_GUARD_OPTIONS=args.options)
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for error in pool.map(lambda number: run_once(number, args, env), range(args.runs)):
            errors += [error] if error else []
            if len(errors) >= 3:
                pool.shutdown(cancel_futures=True)
                break
    guarded.finish(errors, [("first run", first)])


if __name__ == "__main__":
    main()
