#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs `realloc-guard trace export`: its command line, damaged traces, memory."""

import gzip
import json
import os
import re

from support import ToolTest, main, tool
from trace_export_support import ExportTest, made_up
from trace_made_up import CHUNK, PAGE, Made

FORMATS = ("chrome", "heaptrack", "pprof")


class CommandLine(ToolTest):
    def complains(self, what, *words, status=2):
        done = tool("trace", "export", *words)
        self.assertEqual((done.returncode, done.stdout, len(done.stderr.splitlines())), (status, "", 1), done)
        self.assertRegex(done.stderr, "^realloc-guard: trace export: .*" + what)

    def test_says_in_one_line_what_is_wrong(self):
        trace, out = made_up().write(self.path("trace")), self.path("out")
        self.complains("no file is given", "--to=pprof")
        self.complains("to what is not said; add --to=", trace)
        self.complains("wrong value \"svg\"; --to takes one of chrome|heaptrack|pprof", "--to=svg", trace)
        self.complains("a value is missing behind \"-o\"", trace, "--to=pprof", "-o")
        self.complains("wrong value \"\"; -o takes a text", trace, "--to=pprof", "-o", "")
        self.complains("unknown option \"--o\"", trace, "--to=pprof", "--o", "x")
        self.complains("one file too many", trace, trace, "--to=pprof")
        self.complains("--at takes one of end|peak", "--to=pprof", "--at=start", trace)
        self.complains("--at is for --to=pprof; leave it out", "--to=chrome", "--at=end", trace)
        self.complains("--largest is for --to=chrome; leave it out", "--to=heaptrack", "--largest=5", trace)
        self.complains("--largest takes a number from 1 on", "--to=chrome", "--largest=0", trace)
        self.complains("", "--to=pprof", "-o", out, self.path("none"))
        self.complains("", "--to=pprof", "-o", out, self.write("text", "no trace"))
        self.assertFalse(os.path.exists(out))

    def test_says_where_it_cannot_write(self):
        trace = made_up().write(self.path("trace"))
        for to in FORMATS:
            for out in ("/dev/full", self.path("no/such"), self.folder):
                self.complains(re.escape(out) + " cannot be written", "--to=" + to, "-o", out, trace)

    def test_does_not_overwrite_the_trace(self):
        trace = made_up().write(self.path("trace"))
        os.link(trace, self.path("other"))
        before = made_up().bytes()
        for out in (trace, self.path("other")):
            self.complains("this would overwrite the trace", "--to=chrome", "-o", out, trace)
        with open(trace, "rb") as file:
            self.assertEqual(file.read(), before)

    def test_writes_to_standard_output(self):
        trace = made_up().write(self.path("trace"))
        text = tool("trace", "export", "--to=heaptrack", trace).stdout
        self.assertEqual(text.splitlines()[:2], ["v 10400 2", "X made-up 'it'\\''s'"])
        self.assertIn("traceEvents", json.loads(tool("trace", "export", "--to=chrome", trace).stdout))

    def test_compresses_by_the_name(self):
        trace = made_up().write(self.path("trace"))
        for name, is_gzip in (("a.gz", True), ("a.json", False), (".gz", True), ("gz", False)):
            tool("trace", "export", "--to=chrome", "-o", self.path(name), trace)
            with (gzip.open if is_gzip else open)(self.path(name), "rt", encoding="utf-8") as file:
                self.assertEqual(json.load(file)["displayTimeUnit"], "ms")

    def test_tells_of_itself(self):
        done = tool("trace", "export", "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for word in FORMATS + ("--at", "-o OUT", "--largest"):
            self.assertIn(word, done.stdout)


class Damaged(ToolTest):
    def test_exports_what_is_there(self):
        made = made_up()
        for i in range(30000):
            made.alloc(20000 + i, 0x10000 + 16 * i, 100)
        data = bytearray(made.bytes())
        self.assertGreater(len(data), PAGE + 4 * CHUNK)
        data[PAGE + 3 * CHUNK:PAGE + 4 * CHUNK] = b"\xff" * CHUNK
        with open(self.path("trace"), "wb") as file:
            file.write(data)
        for to in FORMATS:
            done = tool("trace", "export", "--to=" + to, "-o", self.path(to), self.path("trace"))
            self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1), done.stderr)
            self.assertRegex(done.stderr, "^realloc-guard: trace export: .*is damaged")
        with open(self.path("heaptrack"), encoding="utf-8") as file:
            born = sum(line.startswith("+") for line in file)
        summary = json.loads(tool("trace", "summary", "--format=json", self.path("trace")).stdout)["traces"][0]
        self.assertEqual(born, summary["allocations"])
        self.assertTrue(10000 < born < 30000, born)


class Memory(ExportTest):
    def test_holds_no_more_than_what_is_live(self):
        made = Made()
        made.stack(1, [(0, 0x100)])
        for i in range(200000):
            made.alloc(10 * i, 0x1000, 16)
            made.free(10 * i + 5, 0x1000)
        trace = made.write(self.path("trace"))
        for to in FORMATS:
            used = self.most_memory("trace", "export", "--to=" + to, "-o", self.path("out"), trace)
            self.assertLess(used, 64 * 1024, to)


if __name__ == "__main__":
    main()
