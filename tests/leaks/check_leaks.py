#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a program in each of its ways, and compares what is said to be leaked with what is."""

import argparse
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import guarded  # noqa: E402

MESSAGES = "the kernel may hold pointers"
THREADS = "other threads run, and cannot be stopped"
# Of each way: bytes and blocks that nothing points to, bytes and blocks that only those point to, the function that is
# to be in the stack of each, and how many places there are.
LEAKED = {
    "overwritten": (100, 1, 0, 0, "overwrite", 1),
    "three": (120, 3, 0, 0, "forget_three", 1),
    "large": (3000000, 1, 0, 0, "forget_large", 1),
    "pages": (10000, 1, 0, 0, "forget_pages", 1),
    "list": (80, 1, 240, 3, "forget_list", 1),
    "ring": (80, 1, 240, 3, "forget_ring", 4),
    "two_rings": (80, 1, 240, 3, "forget_two_rings", 4),
    "self": (80, 1, 0, 0, "forget_self", 1),
    "tail": (80, 1, 80, 1, "forget_tail", 2),
    "ladder": (100000, 1, 0, 0, "forget_ladder", 1),
    "plain": (60, 1, 0, 0, "forget_string", 1),
    "in_thread": (77, 1, 0, 0, "leak_in_thread", 1),
    "ended_threads": (440, 5, 0, 0, "keep_in_ended", 1),
    "hidden": (50, 1, 0, 0, "hide", 1),
    "child_exits": (33, 1, 0, 0, "run_child", 1),
    "child_leaves": None,
    "inherited": (153, 4, 0, 0, "work", 2),
    "handler": (120, 3, 0, 0, "forget_three", 1),
    "at_exit": (120, 3, 0, 0, "forget_three", 1),
    "among_threads": (120, 3, 0, 0, "forget_three", 1),
    "left": None,
    "left_quickly": None,
}
KEPT = {way: None for way in (
    "register", "page", "read_only_page", "closed_page", "shared_page", "unaligned", "tagged", "ends", "specific",
    "epoll", "jump", "kept_list", "context", "global", "interior", "local", "atexit", "parent", "held", "signal")}
KEPT.update(pipe=MESSAGES, running=None, busy=None)
OBJECTS = {
    "array": (48, 1, 0, 0, "forget_array", 1),
    "friends": (64, 1, 266, 3, "forget_friends", 4),
    "list": (24, 1, 398, 4, "forget_list", 5),
    "kept_array": None,
    "base": None,
    "kept_list": None,
    "static": None,
}
PROGRAMS = {"leaked": LEAKED, "kept": KEPT, "objects": OBJECTS}
SHOWN = 50


class Checker:
    def __init__(self, args):
        self.exe = os.path.abspath(args.exe)
        self.guard = guarded.guard_of(args)
        self.errors = []
        self.runs = []

    def run(self, way, options=""):
        guard = guarded.Guard(self.guard.library, self.guard.witness,
                              f"{self.guard.options}:format=json{options}")
        result = guarded.run([self.exe, way], guard, timeout=120)
        self.errors += guarded.loading_errors(result, self.exe)
        self.runs.append((f"{way} {options}", result))
        return result, [json.loads(line) for line in result.stderr.splitlines()]

    def require(self, holds, claim):
        if not holds:
            self.errors.append(f"{self.runs[-1][0]}: {claim}")

    def check_leaked(self, way, findings, wanted):
        facts = [finding["leak"] for finding in findings]
        sums = tuple(sum(fact[f"{which}_{what}"] for fact in facts)
                     for which in ("direct", "indirect") for what in ("bytes", "blocks"))
        self.require(sums == wanted[:4], f"leaks {wanted[:4]}, not {sums}")
        self.require(len(findings) == wanted[5], f"leaks at {wanted[5]} places, not {len(findings)}")
        for finding in findings:
            functions = [frame.get("function", "").partition("(")[0] for frame in finding["stack"]]
            self.require(wanted[4] in functions, f"names {functions}")
            self.require(finding["kind"] == "leak" and finding["block"]["state"] == "live", "is a leak")
            self.require(finding["address"] == finding["block"]["address"], "names the block")

    def check(self, way, wanted):
        result, events = self.run(way, ":leaks=1")
        findings = [event for event in events if event["event"] == "finding"]
        texts = [event["text"] for event in events if event["event"] == "note"]
        leaves = way.startswith(("left", "handler", "at_exit", "held", "signal", "register"))
        self.require(leaves or result.stdout == b"done\n", "works as ever")
        if isinstance(wanted, tuple):
            self.check_leaked(way, findings, wanted)
            child_alone = way == "child_exits"
            self.require(result.status == (0 if child_alone else guarded.MISUSE_STATUS), f"ends with {result.status}")
            self.require(any(text.startswith("leaked in all: ") for text in texts), "adds them up")
        else:
            self.require(not findings, f"leaks nothing, not {[finding['message'] for finding in findings]}")
            self.require(result.status == 0, f"ends with {result.status}")
            self.require(len(texts) == (1 if wanted else 0), f"says {texts}")
            self.require(not wanted or wanted in texts[0], f"says {texts}")

    def check_many(self):
        """Places beyond a number are only counted; stacks that differ far outside alone are one place."""
        _, events = self.run("many", ":leaks=1:malloc_context_size=64")
        findings = [event for event in events if event["event"] == "finding"]
        texts = [event["text"] for event in events if event["event"] == "note"]
        sizes = [finding["leak"]["direct_bytes"] for finding in findings]
        self.require(len(findings) == SHOWN, f"shows {len(findings)}")
        self.require(sizes == sorted(sizes, reverse=True), "shows the largest first")
        self.require(texts == ["leaks that are not shown: 145 bytes in 10 blocks, from 10 places",
                               "leaked in all: 2370 bytes in 60 blocks, from 60 places"], f"says {texts}")

    def check_ladder(self):
        """What realloc has moved is known by where it was moved last, with all that was before."""
        _, events = self.run("ladder", ":leaks=1")
        finding = next(event for event in events if event["event"] == "finding")
        self.require(finding["block"]["moves_before"] == 3, "was moved three times")
        self.require(finding["block"]["allocated"]["size"] == 100, "began with 100 bytes")
        self.require([(step["step"], step["size"]) for step in finding["life"]]
                     == [("allocated", 100), ("moved", 100000)], f"lived {finding['life']}")

    def check_suppressed(self):
        path = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"rg-leaks-{os.getpid()}")
        with open(path, "w", encoding="utf-8") as file:
            file.write("leak:forget_three\n")
        result, events = self.run("inherited", f":leaks=1:suppressions={path}:print_suppressions=1")
        os.unlink(path)
        findings = [event for event in events if event["event"] == "finding"]
        self.require([finding["leak"]["direct_bytes"] for finding in findings] == [33], "leaves one out")
        self.require(result.status == 0, "ends with the parent's own status")
        self.require(any("suppressed 1 misuse" in event.get("text", "") for event in events), "says so")

    def check_asked(self):
        """By the program, with the option or without."""
        for options in ("", ":leaks=1"):
            result, events = self.run("asked", options)
            findings = [event for event in events if event["event"] == "finding"]
            self.require(result.stdout == b"0\n3\n3\ndone\n", f"answers {result.stdout}")
            self.require([finding["leak"]["direct_blocks"] for finding in findings] == [3], "tells it once")
            self.require(result.status == guarded.MISUSE_STATUS, f"ends with {result.status}")

    def check_traced(self):
        """Threads that a debugger has cannot be stopped by another, and may hold the only pointer."""
        variables = guarded.preload_env(guarded.Guard(self.guard.library, self.guard.witness,
                                                      f"{self.guard.options}:leaks=1"), "/dev/null")
        words = [word for name, value in variables.items() for word in ("-E", f"{name}={value}")]
        result = guarded.run(["strace", "-f", "-o", "/dev/null", *words, self.exe, "running"], timeout=120)
        self.runs.append(("traced", result))
        self.require(result.status == 0 and result.stdout == b"done\n", "works as ever")
        self.require(THREADS in result.stderr.decode(), "says why it tells nothing")

    def check_others(self):
        result, events = self.run("three")
        self.require(not events and result.status == 0, "is silent without the option")
        result, _ = self.run("three", ":leaks=1:exitcode=0")
        self.require(result.status == 0, "keeps the program's own status")
        self.check_asked()
        self.check_many()
        self.check_ladder()
        self.check_suppressed()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--guard", "--witness", "--options", "--exe"):
        parser.add_argument(name, required=True)
    parser.add_argument("--ways", choices=sorted(PROGRAMS), required=True)
    args = parser.parse_args()
    guarded.skip_unless_possible(args.options)
    checker = Checker(args)
    for way, wanted in PROGRAMS[args.ways].items():
        checker.check(way, wanted)
    if args.ways == "kept":
        checker.check_traced()
    if args.ways == "leaked":
        checker.check_others()
    guarded.finish(checker.errors, checker.runs if checker.errors else ())


if __name__ == "__main__":
    main()
