#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs `realloc-guard trace export --to=pprof`: go tool pprof reads it, and its totals are ours, to the byte."""

import gzip
import re
import shutil
import subprocess

from support import main
from trace_export_support import ExportTest, made_up
from trace_made_up import Made

SAMPLE = re.compile(r"^ *(-?\d+) +(-?\d+) +(-?\d+) +(-?\d+): ([\d ]+)$")
INLINED = r"""
#include <stdlib.h>
void *volatile kept;
static inline __attribute__((always_inline)) void *inner(size_t n) {
    return malloc(n);
}
__attribute__((noinline)) void outer(void) {
    kept = inner(777);
}
int main(void) {
    outer();
    return 0;
}
"""


class Pprof(ExportTest):
    @classmethod
    def setUpClass(cls):
        cls.go = shutil.which("go") or "/usr/lib/go-1.19/bin/go"

    def pprof(self, *words):
        return self.reader(self.go, "tool", "pprof", *words)

    def sums(self, profile):
        """Of the four columns of samples."""
        samples = [SAMPLE.match(line) for line in self.pprof("-raw", profile).splitlines()]
        return [sum(int(sample[i]) for sample in samples if sample) for i in range(1, 5)]

    def check_totals(self, trace):
        totals = self.summary(trace)
        expected = [totals["allocations"], totals["bytes"], totals["live_blocks"], totals["live_bytes"]]
        self.assertEqual(self.sums(self.export("pprof", trace)), expected)
        expected[2:] = [totals["at_peak_blocks"], totals["at_peak_bytes"]]
        peak = self.export("pprof", trace, "--at=peak")
        self.assertEqual(self.sums(peak), expected)
        top = self.pprof("-top", "-unit=bytes", "-sample_index=inuse_space", peak)
        self.assertIn(f" of {totals['at_peak_bytes']}B total", top)

    def test_agrees_with_the_summary_of_real_programs(self):
        for name, trace in self.real_traces():
            with self.subTest(name):
                self.check_totals(trace)

    def test_agrees_with_the_summary_of_a_made_up_trace(self):
        trace = made_up().write(self.path("trace"))
        self.check_totals(trace)
        for words in ([], ["--at=end"]):
            self.assertEqual(self.sums(self.export("pprof", trace, *words)), [6, 1497, 3, 910])

    def test_shows_a_trace_without_events(self):
        trace = Made().write(self.path("trace"))
        self.assertIn("inuse_space/bytes[dflt]", self.pprof("-raw", self.export("pprof", trace)))

    def test_knows_functions_lines_and_what_is_inlined(self):
        program = self.build("inlined", INLINED, "-g", "-O2")
        profile = self.export("pprof", self.record(program))
        raw = self.pprof("-raw", profile)
        # One location with both functions, and the one that called them.
        source = re.escape(self.path("inlined.c"))
        self.assertRegex(raw, rf"(?m)^ +\d+: 0x\w+ M=\d+ inner {source}:5 s=0\n +outer {source}:8 s=0$")
        self.assertRegex(raw, rf" main {source}:11 s=0")
        stack = re.search(r"(?m)^ +1 +777 +1 +777: ([\d ]+)", raw)[1].split()
        names = {number: name for number, name in re.findall(r"(?m)^ +(\d+): 0x\w+ M=\d+ (\w+)", raw)}
        self.assertLess([names.get(n) for n in stack].index("inner"), [names.get(n) for n in stack].index("main"))
        note = subprocess.run(["readelf", "-n", program], stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
        build_id = re.search(r"Build ID: (\w+)", note)[1]
        self.assertRegex(raw, rf"(?m)^1: 0x\w+/0x\w+/0x0 {re.escape(program)} {build_id} \[FN\]\[FL\]\[LN\]\[IN\]$")
        self.assertIn("777B", self.pprof("-peek", "outer", "-unit=bytes", profile))

    def test_keeps_every_location_within_its_mapping(self):
        raw = self.pprof("-raw", self.export("pprof", self.record("sqlite3", ":memory:", "select 1;")))
        ranges = {number: (int(start, 16), int(limit, 16)) for number, start, limit in
                  re.findall(r"(?m)^(\d+): (0x\w+)/(0x\w+)/", raw)}
        places = re.findall(r"(?m)^ +\d+: (0x\w+) M=(\d+) ", raw)
        self.assertGreater(len(places), 20)
        for address, mapping in places:
            start, limit = ranges[mapping]
            self.assertTrue(start <= int(address, 16) < limit, (address, mapping))

    def test_says_what_it_is_of(self):
        trace = made_up().write(self.path("trace"))
        raw = self.pprof("-raw", self.export("pprof", trace, "--at=peak"))
        self.assertIn("Comment: command: made-up 'it'\\''s'\nComment: process 4242\n"
                      "Comment: inuse: at the peak, 0.009 ms after the start\n", raw)
        self.assertIn("PeriodType: space bytes\nPeriod: 1\nTime: 2023-11-14 22:13:20", raw)
        self.assertIn("(no stack)", raw)

    def test_takes_no_harm_from_hostile_names(self):
        made = Made(path="/bin/a\nb", command=(b"a\xff\n",))
        made.module(1, "/bin/evil\n\x1b[31m\x7f")
        made.stack(1, [(1, 0x11000)])
        made.alloc(1, 0x1000, 5)
        made.end(9)
        made.note("a\nb")
        out = self.export("pprof", made.write(self.path("trace")))
        self.assertEqual(self.sums(out), [1, 5, 1, 5])
        with gzip.open(out) as file:
            data = file.read()
        self.assertNotIn(b"\x1b", data)
        self.assertIn(b"/bin/evil??[31m?", data)


if __name__ == "__main__":
    main()
