# SPDX-License-Identifier: MIT
"""What the tests of realloc-guard trace share."""

import glob
import json
import os
import subprocess

import trace_made_up
from support import Settings, ToolTest, clean_env, tool


class TraceTest(ToolTest):
    """Runs subcommands on traces that are made up, or recorded."""

    def made(self, name="trace"):
        """A trace in which each kind of event occurs: of two stacks, by two threads."""
        made = trace_made_up.Made()
        made.module(1, "/bin/made-up-that-is-nowhere")
        made.stack(1, [(1, 0x1000), (1, 0x1100)])
        made.stack(2, [(1, 0x2000)])
        made.thread(1, "worker")
        made.alloc(1000, 0x10000, 100)
        made.realloc(2000, 0x10000, 0x10000, 100, 120, stack=2)
        made.realloc(3000, 0x10000, 0x20000, 120, 240, stack=2)
        made.realloc(4000, 0x20000, 0x30000, 240, 480, stack=2, forced=True)
        made.alloc(5000, 0x10000, 0, thread=1, how=trace_made_up.CALLOC)
        made.event(trace_made_up.FAILED, 5500, size=1 << 62, old=0x30000, how=trace_made_up.REALLOC)
        made.free(6000, 0x10000, thread=1)
        made.alloc(7000, 0x10010, 50, thread=1, how=trace_made_up.NEW)
        made.free(8000, 0x30000)
        made.free(9000, 0x99990)
        made.end(10000)
        return made.write(self.path(name))

    def trace(self, *words, status=0):
        """What the subcommand writes; it must end with the status, and complain only where that is not 0."""
        done = tool("trace", *words)
        self.assertEqual(done.returncode, status, done.stderr)
        if status == 0:
            self.assertEqual(done.stderr, "")
        else:
            self.assert_one_line(done.stderr)
        return done.stdout

    def assert_one_line(self, text):
        self.assertEqual(text.count("\n"), 1, text)
        self.assertRegex(text, r"^realloc-guard: trace[ :].*; .*\n$")

    def summary(self, path, status=0):
        return json.loads(self.trace("summary", "--format=json", "--count=1000000", path, status=status))["traces"][0]

    def record(self, *words, name="recorded", env=None, **options):
        """Runs a program and returns the path of its trace, the largest if there are several."""
        base = self.path(name)
        more = [f"--{key}={value}" for key, value in options.items()]
        done = subprocess.run([Settings.exe, "run", f"--library={Settings.library}", f"--trace={base}", *more, "--", *words],
                              env=env or clean_env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300,
                              cwd=self.folder, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return max(glob.glob(base + ".*"), key=os.path.getsize)
