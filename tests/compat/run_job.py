#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs one job natively and under the guard, in a folder of the same name, and requires the same
exit status, standard output, standard error and files, and not a word from the guard."""

import argparse
import hashlib
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import guarded  # noqa: E402
from jobs import JOBS  # noqa: E402


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
            with open(whole, "rb") as data:
                digest = hashlib.sha256(data.read()).hexdigest()
            is_compared = not whole.endswith(job.uncompared or "\0")
            tree[os.path.relpath(whole, folder)] = digest if is_compared else "any"
    return tree


def run(job, folder, guard=None):
    prepare(job, folder)
    result = guarded.run(job.argv, guard, cwd=folder, env=environment(job, folder))
    return result, read_tree(job, folder)


def compare(native, native_tree, result, tree):
    errors = []
    if result.status != native.status:
        errors.append(f"status {result.status}, natively {native.status}")
    for stream in ("stdout", "stderr"):
        if getattr(result, stream) != getattr(native, stream):
            errors.append(f"{stream} differs from that of the native run")
    for path in sorted(set(native_tree) | set(tree)):
        if native_tree.get(path) != tree.get(path):
            errors.append(f"{path} differs from that of the native run")
    if guarded.REPORT_LINE.search(result.stdout.decode(errors="replace")
                                  + result.stderr.decode(errors="replace")):
        errors.append("the guard said something")
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guard")
    parser.add_argument("--witness")
    parser.add_argument("--options", default="")
    parser.add_argument("--native-only", action="store_true", help="compare two native runs")
    parser.add_argument("job", choices=sorted(JOBS))
    args = parser.parse_args()
    job = JOBS[args.job]
    guard = None
    if not args.native_only:
        guarded.skip_unless_possible(args.options)
        guard = guarded.Guard(os.path.abspath(args.guard), os.path.abspath(args.witness),
                              args.options)
    with tempfile.TemporaryDirectory(prefix="rg-job-") as top:
        folder = os.path.join(top, "job")
        native, native_tree = run(job, folder)
        result, tree = run(job, folder, guard)
    errors = compare(native, native_tree, result, tree)
    if native.status != job.status:
        errors.append(f"the native run ended with status {native.status}, must be {job.status}")
    if guard:
        errors += guarded.loading_errors(result, job.argv[0])
    guarded.finish(errors, [("native", native), ("guarded", result)])


if __name__ == "__main__":
    main()
