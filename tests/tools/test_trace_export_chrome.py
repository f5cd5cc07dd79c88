#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs `realloc-guard trace export --to=chrome`. What it writes is read by the importer of chrome://tracing (catapult),
which comes with Go's sources, in a headless Chromium; and by itself."""

import glob
import gzip
import json
import unittest

from chromium import Chromium
from support import main
from trace_export_support import ExportTest, made_up
from trace_made_up import Made

# A headless Chromium has no chrome://tracing of its own.
VIEWER = "/usr/share/go-*/src/cmd/trace/static/"
PAGE = '<!DOCTYPE html><html><head><meta charset="utf-8"><script>{}</script></head><body>{}</body></html>'
IMPORT = """(() => {
    const model = new tr.Model();
    new tr.importer.Import(model).importTraces([%s]);
    const process = Object.values(model.processes)[0];
    const points = c => c.series[0].samples.map(s => s.value);
    const titles = group => [...group.childEvents()].map(e => e.title);
    return {
        warnings: model.importWarnings.map(w => w.message),
        processes: Object.values(model.processes).map(p => [p.pid, p.name]),
        counters: Object.fromEntries(Object.values(process.counters).map(c => [c.name, points(c)])),
        threads: Object.values(process.threads).map(t => t.name).sort(),
        lives: Object.values(process.threads).map(t => [...t.asyncSliceGroup.childEvents()].length)
            .reduce((a, b) => a + b, 0),
        instants: Object.values(process.threads).flatMap(t => titles(t.sliceGroup)).sort(),
    };
})()"""


class Chrome(ExportTest):
    def exported(self, trace, *words):
        with gzip.open(self.export("chrome", trace, *words), "rt", encoding="utf-8") as file:
            return json.load(file)

    def events(self, trace, *words, **wanted):
        return [e for e in self.exported(trace, *words)["traceEvents"]
                if all(e.get(key) == value for key, value in wanted.items())]

    def counter(self, trace, unit):
        return [(e["ts"], e["args"][unit]) for e in self.events(trace, ph="C", name="live " + unit)]

    def test_counts_what_is_live(self):
        for name, trace in self.real_traces():
            with self.subTest(name):
                totals = self.summary(trace)
                for unit, most in (("bytes", "at_peak_bytes"), ("blocks", "most_blocks")):
                    points = self.counter(trace, unit)
                    times = [time for time, _ in points]
                    self.assertEqual(times, sorted(times))
                    self.assertEqual(max(value for _, value in points), totals[most])
                    self.assertEqual(points[-1][1], totals["live_" + unit])
                    self.assertGreaterEqual(points[-1][0], totals["duration_ns"] / 1000)
                    self.assertLessEqual(len(points), 10000)

    def test_keeps_extremes_of_a_long_trace(self):
        made = Made()
        made.stack(1, [(0, 0x100)])
        for i in range(50000):
            made.alloc(1000 * i, 0x1000, 10 ** 9 if i == 31234 else 100)
            made.free(1000 * i + 1, 0x1000)
        made.end(50 * 10 ** 6)
        points = self.counter(made.write(self.path("trace")), "bytes")
        self.assertIn((31234.0, 10 ** 9), points)
        self.assertTrue(5000 < len(points) <= 10000, len(points))
        self.assertEqual({value for _, value in points}, {0, 100, 10 ** 9})

    def test_shows_lives_reallocs_and_failures(self):
        trace = made_up().write(self.path("trace"))
        begun, ended = self.events(trace, ph="b"), self.events(trace, ph="e")
        self.assertEqual([e["id"] for e in begun], [e["id"] for e in ended])
        lives = [(b["ts"], e["ts"], b["tid"], b["args"]["size"], b["args"]["reallocs"], b["args"]["live at the end"])
                 for b, e in zip(begun, ended)]
        self.assertEqual(lives, [(1, 3, 4242, 10, 0, False), (2, 20, 4242, 10, 0, True), (5, 20, 4242, 900, 2, True),
                                 (8, 20, 4242, 0, 0, True), (9, 10, 4245, 77, 0, False)])
        self.assertEqual(begun[0]["args"]["allocated by"], ["made-up+0x100", "made-up+0x200"])
        self.assertEqual(begun[3]["name"], "(no stack)")
        reallocs = [(e["ts"], e["args"]["old size"], e["args"]["new size"]) for e in self.events(trace, cat="realloc")]
        self.assertEqual(reallocs, [(5, 5, 500), (6, 500, 900)])
        failure, = self.events(trace, cat="failure")
        self.assertEqual((failure["ph"], failure["s"], failure["ts"], failure["args"]["size that was asked for"]),
                         ("i", "t", 7, 2 ** 40))
        names = {e["tid"]: e["args"]["name"] for e in self.events(trace, name="thread_name")}
        self.assertEqual(names, {4242: "thread 0: first", 4245: "thread 3: fourth"})

    def test_keeps_the_largest(self):
        made = Made()
        made.stack(1, [(0, 0x100)])
        for i in range(500):
            made.alloc(2 * i, 0x1000, (i * 7919) % 1000)
            made.free(2 * i + 1, 0x1000)
        trace = made.write(self.path("trace"))
        sizes = sorted((i * 7919) % 1000 for i in range(500))
        for most in (1, 7, 499, 500, 9999):
            kept = [e["args"]["size"] for e in self.events(trace, f"--largest={most}", ph="b")]
            self.assertEqual(sorted(kept), sizes[-most:])

    @unittest.skipUnless(Chromium.is_installed(), "Debian's chromium is not installed")
    def test_is_read_by_the_viewer_of_chrome_tracing(self):
        viewer = sorted(glob.glob(VIEWER))[-1]
        parts = []
        for name in ("webcomponents.min.js", "trace_viewer_full.html"):
            with open(viewer + name, encoding="utf-8") as file:
                parts.append(file.read())
        page = self.write("page.html", PAGE.format(*parts))
        empty = Made().write(self.path("empty"))
        traces = [*self.real_traces(), ("made up", made_up().write(self.path("made"))), ("empty", empty)]
        browser = Chromium(self.folder)
        self.addCleanup(browser.close)
        browser.open("file://" + page)
        for name, trace in traces:
            with self.subTest(name):
                totals, exported = self.summary(trace), self.exported(trace)
                read = browser.evaluate(IMPORT % json.dumps(json.dumps(exported)))
                self.assertEqual(read["warnings"], [])
                self.assertEqual(read["processes"], [[totals["pid"], totals["program"]]])
                self.assertEqual(max(read["counters"]["live bytes"]), totals["at_peak_bytes"])
                self.assertEqual(read["counters"]["live blocks"][-1], totals["live_blocks"])
                begun = [e for e in exported["traceEvents"] if e["ph"] == "b"]
                self.assertEqual(len(begun), min(1000, totals["ended"] + totals["live_blocks"]))
                self.assertEqual(read["lives"], len(begun))
                self.assertEqual(read["instants"], sorted(e["name"] for e in exported["traceEvents"] if e["ph"] == "i"))
                named = [e["args"]["name"] for e in exported["traceEvents"] if e["name"] == "thread_name"]
                self.assertLessEqual(set(read["threads"]), set(named))


if __name__ == "__main__":
    main()
