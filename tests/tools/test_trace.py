#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard trace: what it says of real programs is what a second reader computes of the same trace, and what the
program is known to have done."""

import json
import os
import re
import subprocess

import support
import trace_made_up
from trace_support import TraceTest

GROWS = r"""
#include <pthread.h>
#include <stdlib.h>
static char *kept;
__attribute__((noinline)) static void *by_step(void) {
    char *p = malloc(100);
    for (size_t n = 200; n <= 20000; n += 100) {
        p = realloc(p, n);
    }
    return p;
}
__attribute__((noinline)) static void *by_factor(void) {
    char *p = malloc(16);
    for (size_t n = 32; n <= 1 << 20; n *= 2) {
        p = realloc(p, n);
    }
    return p;
}
static void *work(void *arg) {
    for (int i = 0; i < 500; i++) {
        free(malloc(1000 + i));
    }
    return arg;
}
int main(void) {
    pthread_t threads[3];
    kept = malloc(12345);
    for (int i = 0; i < 3; i++) {
        pthread_create(&threads[i], NULL, work, NULL);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    free(by_step());
    free(by_factor());
    return kept == NULL;
}
"""


class Real(TraceTest):
    def assert_agrees(self, path):
        with open(path, "rb") as file:
            reader = trace_made_up.Reader(file.read())
        self.assertGreater(len(reader.events), 100)
        figures = self.summary(path)
        self.assertEqual(figures["events"], len(reader.events))
        for key, value in trace_made_up.totals(reader.events).items():
            self.assertEqual(figures[key], value, key)
        for key in ("bytes", "at_peak_bytes", "live_bytes", "allocations", "temporary"):
            self.assertEqual(sum(site[key] for site in figures["sites"]), figures[key], key)
        return figures

    def test_agrees_on_python(self):
        figures = self.assert_agrees(self.record("/usr/bin/python3", "-c", "import json; print(json.dumps([[]] * 5000))"))
        self.assertTrue(figures["has_ended"])
        self.assertTrue(figures["program"].startswith("/usr/bin/python3"))
        self.assertIn("json.dumps", figures["command"])

    def test_agrees_on_sqlite(self):
        script = "create table t(a, b); with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)" \
                 " insert into t select i, hex(randomblob(20)) from n; select count(*) from t order by b;"
        self.assert_agrees(self.record("sqlite3", ":memory:", script))

    def test_agrees_on_the_compiler(self):
        code = self.write("code.c", GROWS)
        compiler = subprocess.run(["gcc", "-print-prog-name=cc1"], stdout=subprocess.PIPE, check=True,
                                  encoding="utf-8").stdout.strip()
        subprocess.run(["gcc", "-E", code, "-o", self.path("code.i")], check=True)
        self.assert_agrees(self.record(compiler, "-quiet", "-fpreprocessed", "-O2", self.path("code.i"), "-o", "/dev/null"))

    def test_agrees_on_threads(self):
        program = self.build("grows", GROWS, "-g", "-O1", "-pthread", "-fno-builtin")
        path = self.record(program, move="always")
        figures = self.assert_agrees(path)
        self.assertEqual(figures["threads"], 4)
        sites = {site["function"]: site for site in figures["sites"]}
        self.assertIn(("main", 12345), [(site["function"], site["live_bytes"]) for site in figures["sites"]])
        self.assertEqual(sites["work"]["allocations"], 1500)
        self.assertEqual(sites["work"]["temporary"], 1500)
        self.assertEqual(sites["by_step"]["reallocs"], 199)
        self.assertTrue(sites["work"]["file"].endswith("grows.c"))
        # The loop's sum of old sizes, against doubling from 100 on.
        text = self.trace("realloc", path)
        self.assertRegex(text, r"(?s)by_step grows\.c:8\n.*199 calls for 1 block.*grows by 100 B at a time: quadratic "
                               r"copying; doubling would copy \d+ times less, in 8 calls instead of 199")
        self.assertIn("the longest ladder, 199 calls: 100, 200, 300, 400, 500, 600, 700, 800, ..., 19800, 19900, 20000", text)
        self.assertRegex(text, r"(?s)by_factor grows\.c:15\n.*grows by a factor of 2: fine")
        step, = (site for site in json.loads(self.trace("realloc", "--format=json", path)) if site["growth"] == "step"
                 and site["step"] == 100)
        self.assertEqual(step["copied_at_most"], sum(range(100, 20000, 100)))
        self.assertEqual(step["copied_if_doubled"], sum(100 * 2 ** i for i in range(8)))
        self.assertEqual(self.trace("realloc", "--costly", path).count("quadratic"), 1)

    def test_graph_of_stacks(self):
        program = self.build("grows", GROWS, "-g", "-O1", "-pthread", "-fno-builtin")
        path = self.record(program)
        lines = dict(line.rsplit(" ", 1) for line in self.trace("folded", "--value=live", path).splitlines())
        kept = [name for name, value in lines.items() if value == "12345"]
        self.assertEqual(len(kept), 1, lines)
        self.assertTrue(kept[0].endswith(";main"), kept)
        self.assertNotIn("rg_call_main", kept[0])


class Read(TraceTest):
    """Of made-up traces, in which all is known."""

    def test_agrees_on_random_traces(self):
        for seed in range(3):
            path = trace_made_up.random_trace(20000, seed=seed).write(self.path("random"))
            with open(path, "rb") as file:
                expected = trace_made_up.totals(trace_made_up.Reader(file.read()).events)
            figures = self.summary(path)
            self.assertEqual({key: figures[key] for key in expected}, expected)

    def test_summary(self):
        text = self.trace("summary", self.made())
        self.assertIn("command     made-up 'it'\\''s'\n", text)
        self.assertIn("program     /bin/made-up, pid 4242\n", text)
        self.assertIn("for 10 us; the program exited", text.replace("10.0 us", "10 us"))
        self.assertIn("990 B in 6 calls: malloc 1, calloc 1, realloc 3, new 1\n", text)
        self.assertIn("1 call of free or realloc had a block from before the trace\n", text)
        self.assertIn("realloc     3 calls with a block: 1 stayed in place, 2 moved (66.7 %)\n", text)
        self.assertIn("360 B copied; 1 of the moves only because the guard wanted them\n", text)
        self.assertIn("At the peak, after 7 us (70.0 % of the time), 530 B in 2 blocks:\n", text)
        self.assertIn("At the end, 50 B in 1 block:\n", text)
        self.assertIn("failed      1 call, for want of memory\n", text)

    def test_summary_of_several(self):
        text = self.trace("summary", self.made(), self.made("other"))
        self.assertEqual(text.count("command  "), 2)
        self.assertRegex(text, r"\n +all +12 +1\.98 kB +530 B +100 B +6 +4  2 traces; ")

    def test_summary_of_a_folder(self):
        first = self.made("trace.10")
        with open(first, "rb") as file:
            self.assertEqual(file.read(7), b"RGTRACE")
        made = trace_made_up.Made()
        made.alloc(1000, 0x10000, 1000)
        made.write(self.path("trace.9"))
        self.write("log", "no trace")
        os.mkdir(self.path("further"))
        os.mkfifo(self.path("fifo"))
        text = self.trace("summary", "--table", self.folder)
        rows = text.splitlines()
        self.assertEqual(len(rows), 4, text)
        self.assertRegex(rows[3], r"^ +all +7 +1\.99 kB +1\.00 kB +1\.05 kB +3 +2  2 traces; ")
        self.assertIn("At the peak", self.trace("summary", self.folder))
        traces = json.loads(self.trace("summary", "--format=json", self.folder))["traces"]
        self.assertEqual([trace["file"] for trace in traces], [self.path("trace.9"), first])
        self.assertEqual(self.trace("summary", "--table", "--format=json", self.folder, status=2), "")
        self.assertEqual(self.trace("summary", self.path("further"), status=2), "")
        self.assertIn("made-up", self.trace("summary", "--table", self.path("further"), first, status=1))
        self.assertEqual(self.trace("top", self.folder, status=2), "")

    def test_nothing_happened(self):
        path = trace_made_up.Made().write(self.path("empty"))
        self.assertIn("No call of malloc was recorded.", self.trace("summary", path))
        for command in ("top", "timeline", "realloc", "folded", "events"):
            self.trace(command, path)

    def test_top(self):
        text = self.trace("top", "--by=calls", "--group=site", self.made())
        self.assertTrue(text.startswith("6 calls that allocated\n"), text)
        self.assertRegex(text, r"\n +3 +50\.0 %  made-up-that-is-nowhere\+0x1000\n")
        for by in ("bytes", "peak", "live", "temporary", "lifetime", "reallocs"):
            self.assertIn("0x", self.trace("top", f"--by={by}", self.made()))
        self.assertNotIn("0x", self.trace("top", "--group=module", self.made()))

    def test_timeline(self):
        rows = [line.split("\t") for line in self.trace("timeline", "--rows=10", "--format=tsv", self.made()).splitlines()]
        self.assertEqual(rows[0][2:7], ["most_bytes", "live_bytes", "live_blocks", "allocations", "frees"])
        self.assertEqual([int(row[3]) for row in rows[1:]], [0, 100, 120, 240, 480, 480, 480, 530, 50, 50])
        self.assertEqual([row[7] for row in rows[1:]].index("1"), 7)
        self.assertEqual(sum(int(row[5]) for row in rows[1:]), 6)
        self.assertEqual(self.trace("timeline", self.made()).count("<- peak"), 1)
        self.assertEqual(len(self.trace("timeline", "--rows=7", self.made()).splitlines()), 10)

    def test_blocks(self):
        path = self.made()
        # In the middle of what it was at first, moved to and moved to.
        for address in ("0x10020", "0x20000", str(0x30100)):
            text = self.trace("blocks", address, path)
            self.assertIn("3 calls of realloc", text)
        self.assertIn("2 blocks\n", self.trace("blocks", "0x10000", path))
        text = self.trace("blocks", "--longest", "--count=1", path)
        self.assertEqual(re.findall(r"thread 0  (.*)", text), [
            "malloc of 100 bytes at 0x10000", "realloc 100 -> 120 bytes, in place",
            "realloc 120 -> 240 bytes, moved to 0x20000", "realloc 240 -> 480 bytes, moved to 0x30000 for the guard",
            "realloc to 4611686018427387904 bytes failed", "free of 480 bytes"])
        self.assertIn("never freed", self.trace("blocks", "--live", path))
        self.assertTrue(self.trace("blocks", "--at=4500ns", path).startswith("1 block\n"))
        self.assertTrue(self.trace("blocks", "--at=4500ns", "0x10000", path).startswith("0 blocks\n"))
        self.assertTrue(self.trace("blocks", "--at=4500ns", "0x30000", path).startswith("1 block\n"))
        self.assertTrue(self.trace("blocks", "--site=+0x2000", path).startswith("1 block\n"))
        self.assertTrue(self.trace("blocks", "--site=nothing of it", path).startswith("0 blocks\n"))

    def test_long_life(self):
        made = trace_made_up.Made()
        made.alloc(0, 0x10000, 16)
        for i in range(1, 1000):
            made.realloc(i, 0x10000, 0x10000, 16 * i, 16 * i + 16)
        text = self.trace("blocks", "0x10000", made.write(self.path("long")))
        self.assertIn("  ... 960 steps are left out\n", text)
        self.assertEqual(text.count(" thread 0 "), 40)
        self.assertTrue("realloc 15984 -> 16000 bytes, in place\n" in text)

    def test_events(self):
        path = self.made()
        lines = [json.loads(line) for line in self.trace("events", "--format=json", path).splitlines()]
        self.assertEqual([line["kind"] for line in lines], ["alloc", "resize", "move", "forced-move", "alloc", "failed",
                                                            "free", "alloc", "free", "free"])
        self.assertEqual([line["ns"] for line in lines], [1000, 2000, 3000, 4000, 5000, 5500, 6000, 7000, 8000, 9000])

        def count(*filters):
            return len(self.trace("events", "--format=tsv", *filters, path).splitlines()) - 1

        self.assertEqual(count(), 10)
        self.assertEqual(count("--kind=realloc"), 4)
        self.assertEqual(count("--kind=move"), 2)
        self.assertEqual(count("--kind=free"), 3)
        self.assertEqual(count("--thread=1"), 3)
        self.assertEqual(count("--size=100..240"), 3)
        self.assertEqual(count("--size=..99", "--kind=alloc"), 2)
        self.assertEqual(count("--from=4us", "--to=6us"), 4)
        self.assertEqual(count("--address=0x20001"), 2)
        self.assertEqual(count("--site=nowhere"), 10)
        self.assertEqual(count("--site=+0x2000"), 3)
        self.assertEqual(count("--count=4"), 4)
        self.assertEqual(len(self.trace("events", path).splitlines()), 11)

    def test_folded(self):
        path = self.made()
        self.assertEqual(self.trace("folded", "--value=calls", path).splitlines(), [
            "made-up-that-is-nowhere+0x1100;made-up-that-is-nowhere+0x1000 3", "made-up-that-is-nowhere+0x2000 3"])
        for value, total in (("bytes", 990), ("peak", 530), ("live", 50), ("temporary", 1), ("reallocs", 3)):
            lines = self.trace("folded", f"--value={value}", path).splitlines()
            self.assertEqual(sum(int(line.rsplit(" ", 1)[1]) for line in lines), total, value)

    def test_output_is_closed_early(self):
        path = trace_made_up.random_trace(20000).write(self.path("random"))
        command = f"'{support.Settings.exe}' trace events '{path}' | head -n 1"
        done = subprocess.run(["bash", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
        self.assertEqual(done.stderr, b"")
        done = subprocess.run(["bash", "-c", f"trap '' PIPE; {command}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=True)
        self.assertEqual(done.stderr, b"")

    def test_output_is_full(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([support.Settings.exe, "trace", "summary", self.made()], stdout=full,
                                  stderr=subprocess.PIPE, encoding="utf-8", check=False)
        self.assertEqual(done.returncode, 2)
        self.assert_one_line(done.stderr)


if __name__ == "__main__":
    support.main()
