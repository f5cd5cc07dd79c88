#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lines for machines are complete however a process ends, belong to the process that wrote them, and hold any name.
Exit status 0 pass, 1 fail, 77 skip."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PITFALLS = os.path.join(HERE, "..", "pitfalls")
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import guarded  # noqa: E402
from lines import counts_of, of, order_errors, read_lines  # noqa: E402


class Bench:
    """Where programs are built and run, and what is wrong with what they wrote."""

    def __init__(self, args, folder):
        self.args = args
        self.folder = folder
        self.log = os.path.join(folder, "log")
        self.errors = []

    def claim(self, holds, what):
        if not holds:
            self.errors.append(what)

    def build(self, source, name=None, flags=()):
        program = os.path.join(os.fsencode(self.folder),
                               os.fsencode(name or os.path.basename(source)) + b".out")
        compiler = "g++" if os.fsdecode(source).endswith(".cpp") else "gcc"
        subprocess.run([compiler, "-g", "-w", "-O0", "-pthread", "-D_GNU_SOURCE", "-I", PITFALLS, *flags,
                        source, "-o", program], check=True)
        return program

    def guard(self, options):
        guard = guarded.guard_of(self.args)
        guard.options = ":".join(["format=json", guard.options, options]).replace("::", ":")
        return guard

    def run(self, argv, options=""):
        return guarded.run(argv, self.guard(options), cwd=self.folder)

    def start(self, argv, options):
        env = dict(guarded.clean_env(), **guarded.preload_env(self.guard(options), "/dev/null"))
        return subprocess.Popen(argv, env=env, cwd=self.folder, stdout=subprocess.PIPE,
                                preexec_fn=guarded.drop_core_files)

    def read(self, what, data, has_order=True):
        events, errors = read_lines(data)
        errors += order_errors(events) if has_order and not errors else []
        self.errors += [f"{what}: {error}" for error in errors]
        return events

    def read_logs(self, what):
        """The events of each log, by the process id in its name."""
        found = {}
        for name in sorted(os.listdir(self.folder)):
            if name.startswith("log."):
                path = os.path.join(self.folder, name)
                with open(path, "rb") as log:
                    found[int(name[4:])] = self.read(f"{what}, {name}", log.read())
                os.unlink(path)
        for pid, events in found.items():
            self.claim({event["pid"] for event in events} == {pid},
                       f"{what}: the log of {pid} has lines of others")
        return found


def kinds(events):
    return [event["event"] for event in events]


def check_killed(bench, program):
    """By a signal that nobody can catch, after five writes of which four are told."""
    process = bench.start([program, "pause"], f"log_path={bench.log}")
    process.stdout.readline()
    process.kill()
    process.communicate()
    logs = bench.read_logs("killed")
    bench.claim(list(logs) == [process.pid], f"killed: logs of {list(logs)}")
    events = logs.get(process.pid, [])
    bench.claim(kinds(events) == ["start", "finding", "again", "again"], f"killed: {kinds(events)}")
    bench.claim(counts_of(events) == {1: 4}, f"killed: {counts_of(events)}")


def check_killed_while_writing(bench, program):
    """Many findings, one after the other: all but a last line that was cut off are complete."""
    for lines in (1, 7, 30):
        process = bench.start([program, "deep"], f"log_path={bench.log}")
        for _ in range(lines):
            process.stdout.readline()
        process.kill()
        process.communicate()
        path = f"{bench.log}.{process.pid}"
        with open(path, "rb") as log:
            data = log.read()
        os.unlink(path)
        events = bench.read("killed while writing", data[:data.rindex(b"\n") + 1])
        bench.claim(len(of(events, "finding")) >= lines, f"{lines} writes, but {kinds(events)}")


def check_signals(bench, program):
    for way, number in (("abort", signal.SIGABRT), ("crash", signal.SIGSEGV)):
        result = bench.run([program, way])
        events = bench.read(way, result.stderr)
        bench.claim(result.status == -number, f"{way}: status {result.status}")
        bench.claim(counts_of(events) in ({1: 4}, {1: 5}), f"{way}: {counts_of(events)}")
    result = bench.run([program, "halt"], "halt_on_error=1")
    events = bench.read("halt_on_error", result.stderr)
    bench.claim(kinds(events) == ["start", "finding", "summary"], f"halt_on_error: {kinds(events)}")


def check_exits(bench, program):
    for way in ("_exit", "return"):
        events = bench.read(way, bench.run([program, way]).stderr)
        bench.claim(kinds(events) == ["start", "finding", "again", "again", "again", "summary"],
                    f"{way}: {kinds(events)}")
        bench.claim(counts_of(events) == {1: 5}, f"{way}: {counts_of(events)}")
    events = bench.read("no summary", bench.run([program, "return"], "print_summary=0").stderr)
    bench.claim(kinds(events)[-1] == "again" and counts_of(events) == {1: 5},
                f"no summary: {kinds(events)}")


def check_cut_stacks(bench, program):
    """A stack of which no more was recorded says so; one that ends at main does not."""
    for frames, is_cut in ((1, True), (2, False)):
        result = bench.run([program, "return"], f"malloc_context_size={frames}")
        finding = of(bench.read("cut stacks", result.stderr), "finding")[0]
        moved = finding["block"]["moved"]
        bench.claim(len(moved["stack"]) == frames and moved.get("stack_cut", False) == is_cut,
                    f"{frames} frames: {moved}")
        bench.claim("stack_cut" not in finding, f"{frames} frames: the access is said to be cut")


def check_start(bench, program):
    options = "strip_path_prefix='/a:\"b\"':malloc_context_size=1:color=always"
    result = bench.run([program, "\"a\\\n", b"\xc3\xa9\xff"], options)
    start = bench.read("start", result.stderr)[0]
    bench.claim(start["program"] == os.fsdecode(program), f"start: program {start['program']}")
    bench.claim(start["arguments"] == [os.fsdecode(program), "\"a\\\n", "\u00e9\ufffd"],
                f"start: arguments {start['arguments']}")
    bench.claim(start["ppid"] == os.getpid(), f"start: parent {start['ppid']}")
    wanted = {"format": "json", "strip_path_prefix": '/a:"b"', "malloc_context_size": "1",
              "color": "always"}
    given = {name: start["options"].get(name) for name in wanted}
    bench.claim(given == wanted, f"start: options {start['options']}")
    many = bench.run([program] + ["argument"] * 1000)
    start = bench.read("many arguments", many.stderr)[0]
    bench.claim(start.get("arguments_cut") and len(start["arguments"]) > 400, "many arguments")


def check_exec(bench, program):
    """Another program in the same process: a start of its own in the same log."""
    result = bench.run([program, "exec"], f"log_path={bench.log}")
    bench.claim(not result.stderr, f"exec: {result.stderr}")
    (name,) = [name for name in os.listdir(bench.folder) if name.startswith("log.")]
    with open(os.path.join(bench.folder, name), "rb") as log:
        events = bench.read("exec", log.read(), has_order=False)
    os.unlink(os.path.join(bench.folder, name))
    starts = of(events, "start")
    bench.claim(len(starts) == 2 and starts[1]["arguments"][1:] == ['second "time"', "\ufffd"],
                f"exec: {starts}")
    bench.claim([event["number"] for event in of(events, "finding")] == [1, 1], "exec: numbers")


def check_fork(bench, program):
    """Each child has lines of its own, in a log of its own or among those of the others."""
    def check(what, of_process):
        parents = [pid for pid, events in of_process.items() if events[0]["ppid"] == os.getpid()]
        bench.claim(len(parents) == 1 and len(of_process) == 3, f"{what}: {list(of_process)}")
        counts = {}
        for pid, events in of_process.items():
            counts[pid in parents] = counts.get(pid in parents, []) + [counts_of(events)]
            bench.claim(pid in parents or events[0]["ppid"] in parents, f"{what}: {events[0]}")
            bench.claim(kinds(events)[-1] == "summary", f"{what}: {kinds(events)}")
        bench.claim(sorted(map(str, counts[False])) == ["{1: 2}", "{1: 3}"], f"{what}: {counts}")
        bench.claim(list(map(str, counts[True])) in (["{1: 6}"], ["{1: 5, 2: 1}"]), f"{what}: {counts}")

    bench.run([program, "fork"], f"log_path={bench.log}")
    check("fork, logs", bench.read_logs("fork"))
    events = bench.read("fork", bench.run([program, "fork"]).stderr)
    pids = dict.fromkeys(event["pid"] for event in events)
    check("fork", {pid: [event for event in events if event["pid"] == pid] for pid in pids})


def check_vfork(bench, program):
    """A child that runs on its parent's memory: its finding is counted with the parent's."""
    events = bench.read("vfork", bench.run([program, "vfork"]).stderr, has_order=False)
    parent, child = of(events, "start")
    bench.claim(child["ppid"] == parent["pid"] and child["pid"] != parent["pid"], "vfork: starts")
    found = [(event["pid"], event["number"]) for event in of(events, "finding")]
    bench.claim(found == [(parent["pid"], 1), (child["pid"], 2), (parent["pid"], 3)],
                f"vfork: {found}")


def check_lost(bench):
    """Where nobody reads: a line is lost as a whole, and how many is a line."""
    program = bench.build(os.path.join(PITFALLS, "standard_error_is_full.c"))
    result = bench.run([program, "nonblocking"])
    lines = [line for line in result.stderr.split(b"\n") if line.startswith(b"{")]
    events = bench.read("lost", b"\n".join(lines) + b"\n", has_order=False)
    notes = [note for note in of(events, "note") if note.get("topic") == "lost"]
    bench.claim([note["lines"] for note in notes] == [2], f"lost: {notes}")
    bench.claim(kinds(events) == ["note", "start", "finding", "summary"], f"lost: {kinds(events)}")
    bench.claim(of(events, "summary")[-1].get("lost_lines") == 2, f"lost: {of(events, 'summary')}")


def check_notes(bench, program):
    result = bench.run([program, "return"], "fail_realloc=1")
    note = of(bench.read("failing", result.stderr), "note")[0]
    bench.claim((note["topic"], note["size"], note["place"]) == ("failing", 4000, "ends.c:15"),
                f"failing: {note}")
    broken = bench.build(os.path.join(PITFALLS, "broken_guard.c"), flags=["-rdynamic"])
    bench.run([broken, "free"], f"log_path={bench.log}")
    (events,) = bench.read_logs("broken").values()
    notes = [event for event in events if event.get("topic") == "internal-error"]
    bench.claim(len(notes) == 1 and "internal error" in notes[0]["text"], f"broken: {events}")


def check_names(bench):
    """Any byte but zero and a slash may be in the name of a file."""
    strange = b'a "b"\\ \xc3\xa9\xff\xe2\x82 \t<{[.cpp'
    source = os.path.join(os.fsencode(bench.folder), strange)
    with open(os.path.join(HERE, "strange.cpp"), "rb") as original, open(source, "wb") as copy:
        copy.write(original.read())
    program = bench.build(source, strange)
    events = bench.read("names", bench.run([program]).stderr)
    shown = 'a "b"\\ \u00e9\ufffd\ufffd\ufffd \t<{[.cpp'
    start = events[0]
    bench.claim(os.path.basename(start["program"]) == shown + ".out", f"names: {start['program']}")
    findings = of(events, "finding")
    bench.claim(len(findings) == 3, f"names: {kinds(events)}")
    for finding in findings:
        frame = finding["stack"][0]
        # Signs that would end a field of the helper's answer become question marks there.
        bench.claim(frame.get("file", "").endswith("/" + shown.replace("\t", "?")),
                    f"names: file {frame.get('file')!r}")
        bench.claim(frame["module"].endswith("/" + shown + ".out"), f"names: module {frame['module']!r}")
        bench.claim(finding["thread"]["name"] == '"\\\n\u00e9\ufffd\ufffd\ufffd',
                    f"names: thread {finding['thread']}")
    functions = {frame.get("function") for finding in findings for frame in finding["stack"]}
    for part in ("holder<char, (char)34>::operator<<(char)", 'operator""_th(', "std::map<std::"):
        bench.claim(any(part in (function or "").replace('"" _', '""_') for function in functions),
                    f"names: no {part} in {functions}")


def check_name_of_two_lines(bench, program):
    """Such a module is not looked up: what the helper is told and answers goes by lines."""
    folder = os.path.join(bench.folder, "two\nlines")
    os.mkdir(folder)
    copy = os.path.join(folder, "ends")
    os.link(program, copy)
    findings = of(bench.read("two lines", bench.run([copy, "return"]).stderr), "finding")
    for finding in findings:
        for stack in (finding["stack"], finding["block"]["moved"]["stack"]):
            names = [frame.get("function") for frame in stack if frame.get("module") == copy]
            bench.claim(len(names) == len(stack) and not any(names), f"two lines: {stack}")
            bench.claim(not any(frame.get("inlined") for frame in stack), f"two lines: {stack}")
    bench.claim(findings, "two lines: no finding")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guard", help="librealloc_guard.so")
    parser.add_argument("--witness", help="libwitness.so")
    parser.add_argument("--options", default="", help="value of REALLOC_GUARD_OPTIONS")
    args = parser.parse_args()
    guarded.skip_unless_possible(args.options)
    with tempfile.TemporaryDirectory(prefix="rg-json-") as folder:
        bench = Bench(args, folder)
        program = bench.build(os.path.join(HERE, "ends.c"))
        for check in (check_killed, check_killed_while_writing, check_signals, check_exits,
                      check_cut_stacks, check_start,
                      check_exec, check_fork, check_vfork, check_notes):
            check(bench, program)
        check_lost(bench)
        check_names(bench)
        check_name_of_two_lines(bench, program)
    guarded.finish(bench.errors)


if __name__ == "__main__":
    main()
