#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard trace html: opened by a browser, in light and in dark, with and without its scripts."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from chromium import CONTRAST, Chromium  # noqa: E402
from support import main  # noqa: E402
from trace_html_support import TraceHtmlTest, growing, many_sites  # noqa: E402

SHOWN = "Array.from(document.querySelectorAll('#flame div')).map((e) => e.getAttribute('aria-label').split(':')[0])"
TICKS = "Array.from(document.querySelectorAll('#chart .ticks text')).map((t) => t.textContent)"
SITES = ("Array.from(document.querySelectorAll('#table tbody tr')).filter((r) => r.checkVisibility())"
         ".map((r) => r.cells[0].textContent)")


@unittest.skipUnless(Chromium.is_installed(), "Debian's chromium is not installed")
class Browser(TraceHtmlTest):
    def setUp(self):
        super().setUp()
        self.browser = Chromium(self.folder)
        self.addCleanup(self.browser.close)

    def open(self, made, scheme="light", width=1100):
        self.write("page.html", self.html(made.write(self.path("t"))))
        self.browser.emulate(scheme, width=width)
        self.browser.open(f"file://{self.path('page.html')}")

    def evaluate(self, expression):
        return self.browser.evaluate(expression)

    def text(self, name):
        return self.evaluate(f"document.getElementById('{name}').textContent").replace("\u00a0", " ")

    def assert_quiet(self):
        self.assertEqual(self.browser.complaints, [])
        self.assertEqual(set(self.browser.requests), {f"file://{self.path('page.html')}"})

    def mouse(self, kind, part, button="left", y=0.5):
        """kind: at that part of the chart's width."""
        left, top, width, height = self.evaluate(
            "(() => { const s = document.querySelector('#chart .surface'); s.scrollIntoView({block: 'center'});"
            "const b = s.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; })()")
        self.browser.call("Input.dispatchMouseEvent", type="mouse" + kind, x=left + part * width, y=top + y * height,
                          button="none" if kind == "Moved" and not button else button, clickCount=1, buttons=int(bool(button)))

    def key(self, name, code=0):
        for kind in ("keyDown", "keyUp"):
            self.browser.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code)

    def set(self, name, value, event):
        self.evaluate(f"(() => {{ const e = document.getElementById('{name}'); e.value = '{value}';"
                      f"e.dispatchEvent(new Event('{event}')); }})()")

    def test_is_readable_in_light_and_dark(self):
        backgrounds = []
        for scheme in ("light", "dark"):
            self.open(self.several(), scheme)
            self.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
            count, weak = self.evaluate(CONTRAST)
            self.assertGreater(count, 100)
            self.assertEqual(weak, [], scheme)
            backgrounds.append(self.evaluate("getComputedStyle(document.body).backgroundColor"))
            self.browser.screenshot(self.path(scheme + ".png"))
            self.assertGreater(os.path.getsize(self.path(scheme + ".png")), 10000)
        self.assertEqual(len(set(backgrounds)), 2)
        self.assert_quiet()

    def test_tells_exact_figures_under_the_pointer(self):
        self.open(self.several())
        hint = self.text("moment")
        self.mouse("Moved", 0.15, button="")
        self.assertEqual(self.text("moment"), "After 150 ns: 1.02 kB (1,016 bytes) in 2 blocks")
        self.mouse("Moved", 0.35, button="")
        self.assertEqual(self.text("moment"), "After 350 ns: 2.05 kB (2,048 bytes) in 3 blocks")
        self.mouse("Moved", 0.35, button="", y=3)
        self.assertEqual(self.text("moment"), hint)
        self.assert_quiet()

    def test_zooms_by_dragging_and_by_keys(self):
        self.open(growing(1000))
        before = self.evaluate(TICKS)
        self.mouse("Moved", 0.2, button="")
        self.mouse("Pressed", 0.2)
        self.mouse("Moved", 0.4)
        self.assertEqual(self.evaluate("document.querySelector('#chart .chosen').getAttribute('visibility')"), "visible")
        self.mouse("Released", 0.4)
        self.assertEqual([text.replace("\u00a0", " ") for text in self.evaluate(TICKS)],
                         ["2.5 us", "3.0 us", "3.5 us", "4.0 us"])
        self.assertTrue(self.evaluate("document.getElementById('whole').checkVisibility()"))
        self.evaluate("document.getElementById('whole').click()")
        self.assertEqual(self.evaluate(TICKS), before)
        self.evaluate("document.getElementById('chart').focus()")
        self.key("Home")
        self.key("+")
        self.assertNotEqual(self.evaluate(TICKS), before)
        self.key("ArrowRight")
        self.assertIn("After ", self.text("moment"))
        self.key("Escape")
        self.assertEqual(self.evaluate(TICKS), before)
        self.assert_quiet()

    def test_shows_without_its_scripts_what_they_show(self):
        self.browser.set_script(False)
        self.open(growing(1000))
        self.browser.set_script(True)
        path = "document.querySelector('#chart .area').getAttribute('d')"
        bare = self.evaluate(path)
        labels = "Array.from(document.querySelectorAll('#chart text')).map((t) => t.textContent)"
        bare_labels = self.evaluate(labels)
        self.assertGreater(len(bare), 1000)
        self.assertTrue(self.evaluate("document.querySelector('noscript table').checkVisibility()"))
        self.assertFalse(self.evaluate("document.getElementById('flame').checkVisibility()"))
        self.assertFalse(self.evaluate("document.getElementById('find').checkVisibility()"))
        self.open(growing(1000))
        self.assertEqual(self.evaluate(labels), bare_labels)

    def test_flame_graph_zooms_and_goes_back(self):
        self.open(self.several())
        self.assertEqual(self.evaluate(SHOWN), ["all", "main+0x1 (main)", "big+0x10 (big)", "small+0x20 (small)"])
        width = "document.querySelectorAll('#flame div')[2].clientWidth"
        whole = self.evaluate("document.getElementById('flame').clientWidth")
        self.assertAlmostEqual(self.evaluate(width) / whole, 3000 / 3064, delta=0.01)
        self.evaluate("document.querySelectorAll('#flame div')[3].click()")
        self.assertEqual(self.evaluate(SHOWN), ["all", "main+0x1 (main)", "small+0x20 (small)"])
        self.assertAlmostEqual(self.evaluate(width) / whole, 1, delta=0.01)
        self.assertEqual(self.text("node"), "small+0x20 (small): 64 B, 2.1 %")
        self.evaluate("document.getElementById('out').click()")
        self.assertEqual(len(self.evaluate(SHOWN)), 4)
        self.assert_quiet()

    def test_flame_graph_is_reached_by_keys(self):
        self.open(self.several())
        self.assertEqual(self.evaluate("document.querySelectorAll('#flame [tabindex=\"0\"]').length"), 1)
        self.evaluate("document.querySelector('#flame [tabindex=\"0\"]').focus()")
        for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
            self.key(key)
        self.assertEqual(self.text("node"), "small+0x20 (small): 64 B, 2.1 %")
        self.key("Enter", 13)
        self.assertEqual(len(self.evaluate(SHOWN)), 3)
        self.key("Escape", 27)
        self.assertEqual(len(self.evaluate(SHOWN)), 4)
        self.assertEqual(self.evaluate("document.activeElement.getAttribute('aria-label').split(':')[0]"), "all")
        self.assert_quiet()

    def test_flame_graph_switches_its_measure(self):
        self.open(self.several())
        for measure, wanted in ((1, "all: 5 calls, 100.0 %"), (2, "all: 2.05 kB, 100.0 %"), (3, "all: 1.05 kB, 100.0 %"),
                                (4, "all: 1 temporary block, 100.0 %")):
            self.set("measure", measure, "change")
            self.assertEqual(self.text("node"), wanted)
        self.assertEqual(self.evaluate(SHOWN), ["all", "main+0x1 (main)", "big+0x10 (big)"])
        self.assert_quiet()

    def test_flame_graph_finds_functions(self):
        self.open(self.several())
        self.set("find", "SMALL", "input")
        self.assertEqual(self.text("found"), "64 B, 2.1 %")
        self.assertEqual(self.evaluate("document.querySelectorAll('#flame .hit').length"), 1)
        self.set("find", "nothing", "input")
        self.assertEqual(self.text("found"), "found nowhere")
        self.evaluate("document.querySelector('#table tbody th code').click()")
        self.assertEqual(self.evaluate("document.getElementById('find').value"), "big+0x10")
        self.assertEqual(self.text("found"), "3.00 kB, 97.9 %")
        self.assert_quiet()

    def test_table_is_sorted_by_its_headings(self):
        self.open(self.several())
        self.assertEqual(self.evaluate(SITES), ["big+0x10", "small+0x20"])
        sort = "document.querySelectorAll('#table thead button')[{}].click()"
        for column, wanted in ((6, ["small+0x20", "big+0x10"]), (0, ["big+0x10", "small+0x20"]),
                               (0, ["small+0x20", "big+0x10"]), (2, ["big+0x10", "small+0x20"])):
            self.evaluate(sort.format(column))
            self.assertEqual(self.evaluate(SITES), wanted)
        self.assertEqual(self.evaluate("document.querySelectorAll('#table thead th')[2].getAttribute('aria-sort')"),
                         "descending")
        self.assert_quiet()

    def test_long_table_unfolds(self):
        self.open(many_sites(100))
        self.assertEqual(len(self.evaluate(SITES)), 40)
        self.assertEqual(self.text("more"), "Show all 100 sites")
        self.evaluate("document.getElementById('more').click()")
        self.assertEqual(len(self.evaluate(SITES)), 100)
        self.assert_quiet()

    def test_fits_a_narrow_window_and_prints(self):
        self.open(growing(1000), width=400)
        self.assertLessEqual(self.evaluate("document.documentElement.scrollWidth"), 400)
        self.evaluate("dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(self.evaluate("document.querySelectorAll('details:not([open])').length"), 0)
        self.evaluate("dispatchEvent(new Event('afterprint'))")
        self.assertGreater(self.evaluate("document.querySelectorAll('details:not([open])').length"), 0)
        self.browser.emulate("light", media="print")
        self.assertFalse(self.evaluate("document.querySelector('.parts').checkVisibility()"))
        self.assertTrue(self.evaluate("document.getElementById('flame').checkVisibility()"))

    def test_opens_empty_and_short_traces(self):
        for made in (growing(0), self.several(), many_sites(0)):
            self.open(made)
            json.dumps(self.evaluate(SHOWN))
            self.mouse("Moved", 0.5, button="")
            self.assertIn("bytes) in ", self.text("moment"))
        self.assert_quiet()

    def test_runs_nothing_but_its_own_scripts(self):
        self.open(self.several())
        self.evaluate("const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s);"
                      "const i = document.createElement('img'); i.src = 'x.png'; document.body.append(i)")
        self.assertIsNone(self.evaluate("window.ran"))
        self.assertEqual(len([text for text in self.browser.complaints if "Content Security Policy" in text]), 2)


if __name__ == "__main__":
    main()
