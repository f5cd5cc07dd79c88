#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a program of this folder with the option trace, and compares what it tells of itself with what the trace says.

Exit status 0 pass, 1 fail, 77 skip."""

import argparse
import collections
import dataclasses
import glob
import os
import resource
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import guarded  # noqa: E402
from trace_file import Trace  # noqa: E402

MISUSED = 86


class Run:
    """A run of the program, with its traces in a folder of its own."""

    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        self.errors = []
        self.result = None

    def start(self, *arguments, trace="t", under=(), cwd=None):
        guard = guarded.guard_of(self.args)
        guard = dataclasses.replace(guard, options=f"{guard.options}:trace='{os.path.join(self.folder, trace)}'")
        argv = [*under, os.path.abspath(self.args.exe), *arguments]
        self.result = guarded.run(argv, guard, cwd=cwd or self.folder)
        return self.result

    def lines(self):
        return [line.split() for line in self.result.stdout.decode().splitlines()]

    def check(self, holds, text):
        if not holds:
            self.errors.append(text)

    def check_quiet(self, status=0):
        self.check(self.result.status == status, f"status {self.result.status}, must be {status}")
        self.check(b"trace" not in self.result.stderr, "something is said of the trace")

    def names(self):
        return sorted(os.path.basename(path) for path in glob.glob(self.folder + "/t*"))

    def traces(self):
        """By pid, and by the number that was appended to the name."""
        traces = {}
        for name in self.names():
            trace = Trace(os.path.join(self.folder, name))
            trace.check()
            number = int(name.split(".")[2]) if name.count(".") > 1 else 1
            traces[trace.pid, number] = trace
        return traces

    def only(self):
        traces = list(self.traces().values())
        assert len(traces) == 1, self.names()
        return traces[0]


def of_program(trace, exe):
    """The events of the program's own calls."""
    return [e for e in trace.events if trace.names(e.stack)[:1] == [os.path.basename(exe)]]


def told(event):
    """An event as the programs tell it."""
    if event.kind == "alloc":
        return [event.kind, event.how, event.address, event.size]
    if event.kind == "free":
        return [event.kind, event.how, event.old]
    if event.kind == "failed":
        return [event.kind, event.how, event.old, event.size]
    return ["change", event.how, event.old, event.old_size, event.address, event.size]


def lines_as_told(lines):
    return [[*line[:2], *(int(number, 0) for number in line[2:])] for line in lines]


def sizes(trace, kind="alloc"):
    return collections.Counter(e.size for e in trace.events if e.kind == kind)


def check_sequence(run, status=0, trace=None):
    trace = trace or run.only()
    expected, found = lines_as_told(run.lines()), [told(e) for e in of_program(trace, run.args.exe)]
    run.check(found == expected and len(expected) > 3, f"told:\n{expected}\ntraced:\n{found}")
    run.check(run.result.status == status, f"status {run.result.status}, must be {status}")
    run.check(trace.ended, "the end is not in the trace")
    guard = os.path.basename(run.args.guard)
    run.check(not any(guard in trace.names(e.stack)[:1] for e in trace.events), "an event is the guard's own")
    run.check(trace.path == os.path.realpath(run.args.exe) and trace.command[0].decode() == run.args.exe,
              f"{trace.path} {trace.command}")
    run.check(all(trace.events[0].ticks >= trace.clocks[0][0] for _ in trace.events), "an event is before the start")
    return trace


def test_sequence(run):
    run.start()
    trace = check_sequence(run)
    kinds = {(e.old_size, e.size): e.kind for e in trace.events if e.kind in ("resize", "move", "forced")}
    # 90 bytes fit where 100 were; 5,000 do not. What the guard does with those that fit is the option's to say.
    fits = "resize" if "natural" in run.args.options else "forced"
    if "redzone" not in run.args.options:
        run.check(kinds[100, 90] == fits and kinds[90, 5000] == "move", kinds)


def test_misused(run):
    run.start()
    check_sequence(run, status=MISUSED)


def test_operators(run):
    run.start()
    check_sequence(run)


def test_threads(run):
    run.start()
    run.check_quiet()
    trace = run.only()
    run.check(len(trace.threads) == 7, trace.threads)
    # Blocks go from thread to thread; in the order of time none is ended before it was made (Trace.check).
    made_by = {}
    crossings = 0
    for e in trace.merged:
        if e.kind == "free":
            crossings += made_by.get(e.old) != e.thread
        elif e.address:
            made_by[e.address] = e.thread
    run.check(crossings > 500, f"{crossings} blocks freed by another thread")


def test_followers(run):
    run.start("1000")
    run.check_quiet()
    trace = run.only()
    run.check(sizes(trace)[123] == 1000, sizes(trace))
    names = collections.Counter(name for _, name in trace.threads.values())
    run.check(names["little"] == 1000, names)
    # Each goes on in the chunk of the last one, at the next page.
    run.check(os.path.getsize(os.path.join(run.folder, run.names()[0])) < 6 << 20, "the file is large")


def test_crowd(run):
    run.start()
    run.check_quiet()
    trace = run.only()
    [[_, threads, blocks, first]] = run.lines()
    threads, blocks, first = int(threads), int(blocks), int(first)
    made, ended, alive = collections.Counter(), collections.Counter(), {}
    for e in trace.merged:
        if e.kind == "alloc" and first <= e.size < first + threads:
            made[e.size, e.thread] += 1
            alive[e.address] = e.size
        elif e.kind == "free" and e.old in alive:
            ended[alive.pop(e.old), e.thread] += 1
    run.check(sorted(made.values()) == threads * [blocks], f"{len(made)} sizes and threads")
    run.check(len({thread for _, thread in made}) == threads, "threads share a number")
    run.check(made == ended and not alive, "a thread's blocks are ended by another, or not at all")


def test_family(run):
    run.start()
    run.check_quiet()
    pids = {line[0]: int(line[1]) for line in run.lines()}
    traces = run.traces()
    parent = pids["parent"]
    # The first to be executed is the child of vfork, the second the parent itself.
    executed = [int(line[1]) for line in run.lines() if line[0] == "executed"]
    files = {(parent, 1), (pids["fork"], 1), (pids["_Fork"], 1), (pids["SYS_fork"], 1), (executed[0], 1), (parent, 2)}
    run.check(set(traces) == files and executed[1] == parent, f"{sorted(traces)}, must be {sorted(files)}")
    own = {(parent, 1): (5000, 2000), (pids["fork"], 1): (5002, 20000), (pids["_Fork"], 1): (5003, 20000),
           (pids["SYS_fork"], 1): (5004, 20000), (executed[0], 1): (5001, 10), (parent, 2): (5001, 10)}
    for key, trace in traces.items():
        size, count = own[key]
        found = {s: n for s, n in sizes(trace).items() if 5000 <= s <= 5005}
        must = {size: count, 5005: 1} if key == (parent, 1) else {size: count}
        run.check(found == must, f"{key}: {found}, must be {must}")
        is_forked = size in (5002, 5003, 5004)
        run.check(trace.parent_pid == (parent if is_forked else 0), f"{key}: parent {trace.parent_pid}")


def test_killed(run):
    run.start()
    run.check(run.result.status == -9, f"status {run.result.status}")
    trace = run.only()
    made, ended = sizes(trace), {e.old for e in trace.events if e.kind == "free"}
    for _, size, count in run.lines():
        run.check(made[int(size)] >= int(count), f"{made[int(size)]} of {count} calls are in the trace")
    run.check(ended and not trace.ended, "an end that there was not")


def test_handlers(run):
    run.start()
    run.check_quiet()
    trace = run.only()
    for _, size, count in run.lines():
        run.check(sizes(trace)[int(size)] == int(count), f"{sizes(trace)[int(size)]} of {count} calls of {size} bytes")
    run.check(all(a.ticks <= b.ticks for a, b in zip(trace.events, trace.events[1:])), "not in the order of time")
    run.check(len({e.thread for e in trace.events}) == 1, "more than one thread")


def check_long(run, is_whole=True, says=None):
    run.check(run.result.status == 0 and run.lines() == [["made", "8000", "60000"]], "the program was harmed")
    trace = run.only()
    found = sizes(trace)[8000]
    run.check(found == 60000 if is_whole else 30000 <= found < 60000 or says[1], f"{found} calls in the trace")
    if says:
        line = run.result.stderr.decode()
        run.check(line.count("\n") == 1 and "realloc_guard: trace stops: " in line and says[0] in line, f"it says: {line}")
        run.check(len(trace.notes) == 1 and says[0] in trace.notes[0], f"notes: {trace.notes}")
    else:
        run.check_quiet()
    return trace


def test_descriptors_closed(run):
    run.start("close")
    check_long(run)


def test_elsewhere(run):
    # A relative name is one in the folder where the program began.
    guard = guarded.guard_of(run.args)
    guard.options += ":trace=t"
    run.result = guarded.run([os.path.abspath(run.args.exe), "elsewhere"], guard, cwd=run.folder)
    check_long(run)


def test_sandbox(run):
    run.start("sandbox")
    check_long(run, False, ("sandbox", True))


def test_no_descriptors(run):
    run.start("descriptors")
    check_long(run, False, ("Too many open files", True))


def test_replaced(run):
    run.start("replace", run.folder + "/t", run.folder + "/away", trace="t.%p")
    # The program cannot know its name before: so it is given one.
    run.check(run.result.status == 1, "no name without the pid")
    for name in run.names():
        os.unlink(os.path.join(run.folder, name))
    os.symlink("/proc/self/stat", os.path.join(run.folder, "x"))
    script = f'exec "$0" replace "$1/t.$$" "$1/t"'
    run.start(run.folder, under=["/bin/sh", "-c", script])
    kept = [name for name in run.names() if os.path.islink(os.path.join(run.folder, name))]
    for name in kept:
        os.unlink(os.path.join(run.folder, name))
    # Of the shell and the program, which have one pid, the program's is the one that has another file behind it.
    run.check(len(kept) == 1, f"{run.names()} {kept}")


def test_size_limit(run):
    run.start("files")
    trace = check_long(run, False, ("File too large", True))
    run.check(sizes(trace)[8000] > 1000, "nothing is in the trace")


def test_full_disk(run):
    disk = os.path.join(run.folder, "disk")
    os.mkdir(disk)
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "none", disk]
    if subprocess.run(mount, stderr=subprocess.PIPE, check=False).returncode != 0:
        print("SKIP: a file system cannot be mounted here")
        sys.exit(guarded.SKIP)
    try:
        run.start(trace="disk/t")
        for name in os.listdir(disk):
            shutil.copy(os.path.join(disk, name), os.path.join(run.folder, name))
    finally:
        subprocess.run(["umount", disk], check=True)
    check_long(run, False, ("No space left on device", True))


def test_other_user(run):
    # Who starts as root and goes on as somebody else may not write to the file any more.
    if os.geteuid() != 0:
        print("SKIP: only root can become another user")
        sys.exit(guarded.SKIP)
    run.start("user")
    check_long(run, False, ("Permission denied", True))


def check_refused(run, text, status=0):
    line = run.result.stderr.decode()
    run.check(run.result.status == status and line.count("\n") == 1 and text in line, f"it says: {line}")


def test_names(run):
    run.start()
    first = run.names()
    # A name that is taken is left alone.
    path = os.path.join(run.folder, "t.fixed.%p")
    run.start(trace="t.fixed.%p")
    second = [name for name in run.names() if name not in first]
    run.check(len(second) == 1 and second[0].startswith("t.fixed.") and "%" not in second[0], second)
    for name in run.names():
        os.unlink(os.path.join(run.folder, name))
    script = 'echo mine >"$1/t.$$"; LD_PRELOAD=$RG_PRELOAD; export LD_PRELOAD; exec "$0"'
    # sh -c SCRIPT PROGRAM FOLDER
    run.start(run.folder, under=["env", "-u", "LD_PRELOAD", f"RG_PRELOAD={os.path.abspath(run.args.guard)}", "/bin/sh", "-c", script])
    texts = {}
    for name in run.names():
        with open(os.path.join(run.folder, name), "rb") as file:
            texts[name] = file.read(5)
    run.check(sorted(texts.values()) == [b"RGTRA", b"mine\n"], texts)
    run.check(any(name.endswith(".2") for name in texts), texts)
    for name in run.names():
        os.unlink(os.path.join(run.folder, name))
    run.start(trace="none/t")
    check_refused(run, "none/t")
    run.start(trace="/dev/null")
    check_refused(run, "is a device, pipe or socket")
    run.start(trace=run.folder + "/")
    check_refused(run, "is a folder; name a file in it")
    run.start(trace=200 * "/x")
    check_refused(run, "the program runs untraced")
    run.check(not run.names() and path, f"files: {run.names()}")


def test_objects(run):
    run.start(*(os.path.abspath(path) for path in run.args.arguments))
    run.check_quiet()
    trace = run.only()
    for size, name in ((9001, "object_a.so"), (9002, "object_b.so")):
        found = {trace.names(e.stack)[0] for e in trace.events if e.kind == "alloc" and e.size == size}
        run.check(found == {name} and sizes(trace)[size] == 10, f"{size} bytes by {found}")


def test_narrow_stack(run):
    run.start()
    run.check_quiet()
    run.check(run.result.stdout == b"end\n" and len(run.only().events) > 50000, "calls are missing")


TESTS = {
    "crowd": test_crowd,
    "descriptors closed": test_descriptors_closed,
    "elsewhere": test_elsewhere,
    "family": test_family,
    "followers": test_followers,
    "full disk": test_full_disk,
    "handlers": test_handlers,
    "killed": test_killed,
    "misused": test_misused,
    "names": test_names,
    "narrow stack": test_narrow_stack,
    "no descriptors": test_no_descriptors,
    "objects": test_objects,
    "operators": test_operators,
    "other user": test_other_user,
    "replaced": test_replaced,
    "sandbox": test_sandbox,
    "sequence": test_sequence,
    "size limit": test_size_limit,
    "threads": test_threads,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guard", required=True, help="librealloc_guard.so")
    parser.add_argument("--witness", required=True, help="libwitness.so")
    parser.add_argument("--options", default="")
    parser.add_argument("--exe", required=True)
    parser.add_argument("name", help="of the test; what follows one of these names is for the person")
    parser.add_argument("arguments", nargs="*")
    args = parser.parse_args()
    args.exe = os.path.abspath(args.exe)
    test = next(TESTS[name] for name in TESTS if args.name.startswith(name))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(prefix="rg-trace-") as folder:
        run = Run(args, folder)
        test(run)
    guarded.finish(run.errors, [(args.name, run.result)])


if __name__ == "__main__":
    main()
