#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard trace with damaged files and wrong command lines: one clear line, and the status that says how much was
done. Every byte is tried by the fuzz target of the same name; here the whole program is."""

import os
import random
import resource
import subprocess

import support
import trace_made_up
from support import tool
from trace_support import TraceTest

COMMANDS = ("summary", "top", "timeline", "realloc", "blocks --live", "events", "folded")


class Damage(TraceTest):
    def run_all(self, data, commands=("summary", "events")):
        """Runs the commands on the bytes. Returns their statuses."""
        with open(self.path("damaged"), "wb") as file:
            file.write(data)
        statuses = []
        for command in commands:
            done = tool("trace", *command.split(), self.path("damaged"))
            self.assertIn(done.returncode, (0, 1, 2), done.stderr)
            if done.returncode:
                self.assert_one_line(done.stderr)
            else:
                self.assertEqual(done.stderr, "")
            self.assertTrue(done.stdout == "" or done.returncode != 2, done.stdout)
            statuses.append(done.returncode)
        return statuses

    def whole(self):
        with open(self.made(), "rb") as file:
            return file.read()

    def test_cut(self):
        whole = self.whole()
        events = trace_made_up.PAGE + trace_made_up.CHUNK
        used = events + trace_made_up.CHUNK_HEADER.size
        self.assertEqual(self.run_all(b""), [2, 2])
        self.assertEqual(self.run_all(whole[:7]), [2, 2])
        self.assertEqual(self.run_all(whole[:trace_made_up.PAGE - 1]), [2, 2])
        self.assertEqual(self.run_all(whole[:trace_made_up.PAGE]), [0, 0])  # nothing had happened yet
        for cut in (trace_made_up.PAGE + 20, trace_made_up.PAGE + 60, events + 20, used, used + 1, used + 25):
            self.assertEqual(self.run_all(whole[:cut]), [1, 1], cut)
        # What was not used yet may be missing.
        for cut in (len(whole) - 1, len(whole) - 5000, events + trace_made_up.PAGE, trace_made_up.PAGE + 4000, events):
            self.assertEqual(self.run_all(whole[:cut], COMMANDS), [0] * len(COMMANDS), cut)

    def test_lost_frees(self):
        made = trace_made_up.Made()
        made.stack(1, [(0, 0x100)])
        made.alloc(10, 0x10000, 100)
        made.alloc(20, 0x20000, 1000)
        made.alloc(30, 0x10000, 7)  # so the first block was freed
        made.realloc(40, 0x10000, 0x20000, 7, 50)  # and so was the second
        made.realloc(50, 0x20000, 0x20000, 50, 60)
        made.free(60, 0x20000)
        made.alloc(70, 0x30000, 5)
        made.end(100)
        path = made.write(self.path("trace"))
        totals = self.summary(path)
        wanted = {"events": 7, "lost_frees": 2, "unknown": 0, "frees": 1, "live_blocks": 1, "live_bytes": 5,
                  "ended": 1, "allocations": 6, "most_blocks": 2}
        self.assertEqual({key: totals.get(key) for key in wanted}, wanted)
        self.assertIn("2 more whose free is missing from the trace", tool("trace", "summary", path).stdout)
        events = tool("trace", "events", "--format=tsv", path).stdout
        self.assertEqual(len([line for line in events.splitlines() if line[:1].isdigit()]), 7, events)
        self.assertIn("lost free of 100 bytes", tool("trace", "blocks", "0x10010", path).stdout)
        done = tool("trace", "export", "--to=heaptrack", "-o", self.path("out"), path)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.path("out")) as file:
            lines = [line[0] for line in file if line != "- 0\n"]  # which ends no block
        self.assertEqual((lines.count("+"), lines.count("-")), (6, 5))

    def test_rest_is_read(self):
        made = trace_made_up.Made()
        for i in range(100):
            made.alloc(10 * i, 0x10000 + 0x100 * i, 10, thread=i % 2)
        data = bytearray(made.bytes())
        events = trace_made_up.PAGE + trace_made_up.CHUNK + trace_made_up.CHUNK_HEADER.size
        data[events] = 0xFF  # thread 0 has no event then
        with open(self.path("trace"), "wb") as file:
            file.write(data)
        figures = self.summary(self.path("trace"), status=1)
        self.assertEqual((figures["allocations"], figures["damaged_places"]), (50, 1))
        # The chunk of thread 0 is not found, that behind it is.
        data = bytearray(made.bytes())
        data[events - trace_made_up.CHUNK_HEADER.size] = 0x55
        with open(self.path("trace"), "wb") as file:
            file.write(data)
        self.assertEqual(self.summary(self.path("trace"), status=1)["allocations"], 50)

    def test_changed_bytes(self):
        whole = self.whole()
        rng = random.Random(4)
        places = [i for i, byte in enumerate(whole) if byte]
        for _ in range(60):
            data = bytearray(whole)
            for _ in range(rng.randrange(1, 4)):
                data[rng.choice(places)] = rng.randrange(256)
            self.run_all(bytes(data), (rng.choice(COMMANDS),))

    def test_unused_space(self):
        whole = self.whole()
        self.assertEqual(self.run_all(whole + bytes(300000), COMMANDS), [0] * len(COMMANDS))
        with open(self.path("sparse"), "wb") as file:
            file.write(whole)
            file.truncate(1 << 40)
        self.assertEqual(self.summary(self.path("sparse"))["allocations"], 6)

    def test_huge_numbers(self):
        made = trace_made_up.Made()
        made.stack((1 << 32) - 1, [(1, 1)])
        made.stack(1 << 63, [(1, 1)])
        made.module(1 << 62, "/bin/true")
        made.record(trace_made_up.STACK, trace_made_up.varint(1) + trace_made_up.varint(1 << 60))
        made.record(99, b"of a later version")
        made.alloc(1, 0x10000, 16)
        path = made.write(self.path("trace"))
        self.assertEqual(self.summary(path, status=1)["allocations"], 1)
        for event in ({"size": 1 << 60}, {"address": 1 << 60}, {"stack": 1 << 30}):
            made = trace_made_up.Made()
            made.alloc(1, **{"address": 0x10000, "size": 16, **event})
            self.assertEqual(self.summary(made.write(path), status=1)["allocations"], 0, event)

    def test_high_stack_ids_take_no_memory(self):
        most = 400 << 20
        made = trace_made_up.Made()
        made.module(1, "/bin/true")
        made.stack((1 << 24) - 1, [(1, 1)])
        made.alloc(1, 0x10000, 16, stack=(1 << 24) - 1)
        made.end(2)
        run = tool("trace", "folded", made.write(self.path("trace")),
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (most, most)))
        self.assertRegex(run.stdout, r"^\S+ 16\n$")
        self.assertEqual((run.returncode, run.stderr), (0, ""))

    def test_many_threads(self):
        made = trace_made_up.Made()
        for thread in range(300):
            made.alloc(thread, 0x10000 + 16 * thread, 1, thread=thread * 7919)
        self.assertEqual(self.summary(made.write(self.path("trace")))["threads"], 300)

    def test_hostile_names(self):
        os.mkfifo(self.path("fifo"))
        made = trace_made_up.Made(command=(b"\x1b[31mred\n", b"\xff"), path="/bin/\x07bell")
        made.module(1, self.path("fifo"))
        made.module(2, "/dev/zero")
        made.module(3, "/tmp/a;b\x1b\n")
        made.stack(1, [(1, 1), (2, 2), (3, 3)])
        made.note("\x1b[0m\nsecond line")
        made.alloc(1, 0x10000, 16)
        path = made.write(self.path("trace"))
        for command in COMMANDS + ("summary --format=json", "events --format=json", "top --full"):
            text = self.trace(*command.split(), path)
            self.assertFalse({c for c in text if c < " " and c not in "\n\t"}, text)

    def test_no_trace(self):
        for path in ("/nonexistent", self.folder, "/dev/null", self.write("log", '{"event":"start"}\n'), support.__file__):
            self.assertEqual(self.trace("summary", path, status=2), "")
        os.mkfifo(self.path("fifo"))
        self.trace("summary", self.path("fifo"), status=2)
        data = bytearray(self.whole())
        data[8] = 2
        with open(self.path("later"), "wb") as file:
            file.write(data)
        done = tool("trace", "summary", self.path("later"))
        self.assertIn("is a trace of another version", done.stderr)

    def test_one_of_several_cannot_be_read(self):
        text = self.trace("summary", "/nonexistent", self.made(), status=1)
        self.assertIn("made-up", text)

    def test_wrong_command_lines(self):
        path = self.made()
        for words in ((), ("nothing",), ("summary",), ("summary", "--nothing", path), ("summary", "--count"),
                      ("summary", "--count=0", path), ("summary", "--count=-1", path), ("summary", "--count=1x", path),
                      ("summary", "--count=99999999999999999999", path), ("summary", "--format=xml", path),
                      ("top", "--by=", path), ("top", "--by=size", path), ("top", path, path), ("top", "--full=yes", path),
                      ("timeline", "--rows=1000000", path), ("timeline", "--rows=0x", path),
                      ("blocks", path), ("blocks", "somewhere", path), ("blocks", "--at=-1", path),
                      ("blocks", "--at=nan", path), ("blocks", "--at=1fortnight", path), ("blocks", "0x10", path, path),
                      ("events", "--size=9..1", path), ("events", "--size=1..2..3", path), ("events", "--size=1T", path),
                      ("events", "--size=", path), ("events", "--from=0x10", path), ("events", "--site=", path),
                      ("folded", "--value=time", path), ("realloc", "-x", path)):
            done = tool("trace", *words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assert_one_line(done.stderr)

    def test_help(self):
        self.assertIn("summary", self.trace("--help"))
        for command in COMMANDS:
            self.assertTrue(self.trace(command.split()[0], "--help").startswith("Usage: realloc-guard trace "))

    def test_read_while_it_is_written(self):
        program = self.build("waits", r"""
            #include <stdlib.h>
            #include <unistd.h>
            int main(void) {
                char *volatile p = malloc(4321);
                write(1, "x", 1);
                char c;
                read(0, &c, 1);
                free(p);
                return 0;
            }""", "-fno-builtin")
        command = [support.Settings.exe, "run", f"--library={support.Settings.library}",
                   f"--trace={self.path('live')}", "--", program]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=support.clean_env()) as running:
            running.stdout.read(1)
            name, = (name for name in os.listdir(self.folder) if name.startswith("live"))
            figures = self.summary(self.path(name))
            running.communicate(b"x")
        self.assertFalse(figures["has_ended"])
        self.assertGreaterEqual(figures["live_bytes"], 4321)
        figures = self.summary(self.path(name))
        self.assertTrue(figures["has_ended"])


if __name__ == "__main__":
    support.main()
