#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs `realloc-guard trace export --to=heaptrack`: heaptrack_print reads it, and counts what we count, to the byte."""

import re

from support import main
from trace_export_support import ExportTest
from trace_made_up import Made

DEEP = r"""
#include <stdlib.h>
void *volatile kept;
__attribute__((noinline)) void grow(size_t n) {
    kept = realloc(kept, n);
}
int main(void) {
    for (size_t n = 1; n <= 1000; n++) {
        grow(n);
    }
    return 0;
}
"""


class Heaptrack(ExportTest):
    def costs(self, path, kind):
        """By stack, outermost function first: "main (a.c);grow (a.c);"."""
        out = self.path("stacks")
        self.reader("heaptrack_print", "--disable-builtin-suppressions", "-f", path, "--flamegraph-cost-type", kind, "-F", out)
        with open(out, encoding="utf-8") as file:
            return [(stack, int(cost)) for stack, cost in (line.rsplit(None, 1) for line in file)]

    def counted(self, path):
        """What heaptrack_print counts, exactly: its text rounds bytes, so these are from its other outputs."""
        out = self.path("sizes")
        text = self.reader("heaptrack_print", "--disable-builtin-suppressions", "-f", path, "-H", out)
        with open(out, encoding="utf-8") as file:
            sizes = [tuple(map(int, line.split())) for line in file]
        counts = {
            "allocations": int(re.search(r"(?m)^calls to allocation functions: (\d+)", text)[1]),
            "temporary": int(re.search(r"(?m)^temporary memory allocations: (\d+)", text)[1]),
            "bytes": sum(size * count for size, count in sizes),
            "at_peak_bytes": sum(cost for _, cost in self.costs(path, "peak")),
            "live_bytes": sum(cost for _, cost in self.costs(path, "leaked")),
        }
        self.assertEqual(sum(count for _, count in sizes), counts["allocations"])
        return counts

    def check(self, trace, out, has_threads=False):
        totals, counts = self.summary(trace), self.counted(self.export("heaptrack", trace, out=out))
        if has_threads:
            # heaptrack does not look at which thread it was, so what others do in between makes it fewer.
            self.assertLessEqual(counts["temporary"], totals["temporary"])
            counts["temporary"] = totals["temporary"]
        self.assertEqual(counts, {key: totals[key] for key in counts})

    def test_agrees_with_the_summary_of_real_programs(self):
        for name, trace in self.real_traces():
            with self.subTest(name):
                self.check(trace, name + ".gz", has_threads=name == "threads")

    def test_is_read_without_compression_too(self):
        made = Made()
        made.stack(1, [(0, 0x100)])
        made.alloc(1, 0x1000, 5)
        made.end(2)
        self.check(made.write(self.path("trace")), "plain")

    def test_counts_what_programs_rarely_do(self):
        made = Made()
        made.stack(1, [(0, 0x100), (0, 0x200)])
        made.stack(2, [(0, 0x300), (0, 0x200)])
        made.free(1, 0x9990)  # unknown
        made.alloc(2, 0x1000, 0, stack=77)  # no such stack
        made.free(3, 0x1000)  # temporary
        made.alloc(4, 0x2000, 10)
        made.alloc(5, 0x3000, 10)
        made.free(6, 0x2000)  # of the same stack and size as the block before, but not that
        made.free(7, 0x3000)
        made.alloc(8, 0x4000, 10)
        made.realloc(9, 0x4000, 0x5000, 10, 2**40, stack=2)  # ends a block at once, which is not called temporary
        made.event(6, 10, old=0x5000, size=2**50, how=2, stack=2)  # fails, so the block stays
        made.realloc(11, 0x5000, 0x5000, 2**40, 3, stack=2)
        made.realloc(12, 0x8880, 0x6000, 100, 200)  # of an unknown block
        made.end(50 * 10**6)
        trace = made.write(self.path("trace"))
        totals = self.summary(trace)
        self.assertEqual([totals[key] for key in ("allocations", "temporary", "live_bytes", "at_peak_bytes")], [7, 1, 203, 2**40])
        self.check(trace, "out.gz")

    def test_names_functions_and_what_they_hold(self):
        trace = self.record(self.build("deep", DEEP, "-g", "-O1"))
        path = self.export("heaptrack", trace)
        of_grow = [(stack, cost) for stack, cost in self.costs(path, "allocations") if "grow (deep.c);" in stack]
        self.assertEqual(sum(cost for _, cost in of_grow), 1000)
        self.assertTrue(all("main (deep.c);grow (deep.c);" in stack for stack, _ in of_grow), of_grow)
        self.assertEqual(sum(cost for stack, cost in self.costs(path, "leaked") if "grow (deep.c);" in stack), 1000)
        text = self.reader("heaptrack_print", "-f", path)
        self.assertIn("1000 calls to allocation functions with 1000B peak consumption from\ngrow\n"
                      f"  at {self.path('deep.c')}:5\n  in {self.path('deep')}\n", text)
        self.assertIn(f"Debuggee command was: {self.path('deep')}\n", text)

    def test_tells_the_time(self):
        made = Made()
        made.stack(1, [(0, 0x100)])
        for i in range(100):
            made.alloc(i * 7 * 10**6, 0x1000 + 16 * i, 16)
        made.end(2500 * 10**6)
        path = self.export("heaptrack", made.write(self.path("trace")))
        out = self.path("massif")
        self.assertIn("total runtime: 2.50s.", self.reader("heaptrack_print", "-f", path, "-M", out))
        with open(out, encoding="utf-8") as file:
            snapshots = re.findall(r"time=(\S+)\nmem_heap_B=(\d+)", file.read())
        # What it had before the moment.
        self.assertEqual([bytes for time, bytes in snapshots if time == "0.35"], [str(16 * 50)])

    def test_reads_a_trace_without_events(self):
        path = self.export("heaptrack", Made().write(self.path("trace")))
        self.assertIn("calls to allocation functions: 0 ", self.reader("heaptrack_print", "-f", path))

    def test_lets_no_name_write_lines(self):
        made = Made(command=(b"x\n+ 1\nt 1 1", b"\xff\x1b"))
        made.module(1, "/bin/evil\n+ 1\n- 1")
        made.stack(1, [(1, 0x11000)])
        made.note("a\n+ 1")
        made.alloc(1, 0x1000, 5)
        made.end(9)
        self.check(made.write(self.path("trace")), "out.gz")


if __name__ == "__main__":
    main()
