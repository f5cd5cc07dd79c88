#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard convert --to html: opened by a browser, in light and in dark, with and without its script."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from chromium import CONTRAST, Chromium  # noqa: E402
from convert_support import ConvertTest, LOGS, again, finding, frame, start  # noqa: E402
from support import main  # noqa: E402

# Waits for the filter, which waits for the end of the typing.
SHOWN = """
new Promise((done) => {
    const output = document.getElementById("shown");
    new MutationObserver(() => done(output.textContent)).observe(output, {childList: true, characterData: true});
    VALUE
    document.getElementById("ID").dispatchEvent(new Event("EVENT"));
})
"""


@unittest.skipUnless(Chromium.is_installed(), "Debian's chromium is not installed")
class Browser(ConvertTest):
    def setUp(self):
        super().setUp()
        self.browser = Chromium(self.folder)
        self.addCleanup(self.browser.close)

    def open(self, *words, scheme="light", anchor=""):
        self.convert("html", "-o", self.path("report.html"), *words)
        self.browser.emulate(scheme)
        self.browser.open(f"file://{self.path('report.html')}{anchor}")

    def evaluate(self, expression):
        return self.browser.evaluate(expression)

    def shown(self):
        return self.evaluate("Array.from(document.querySelectorAll('article')).filter((a) => a.checkVisibility())"
                             ".map((a) => a.querySelector('.where').textContent)")

    def select(self, name, value):
        text = name == "text"
        script = SHOWN.replace("VALUE", f"document.getElementById('{name}').value = '{value}';")
        return self.evaluate(script.replace("ID", name).replace("EVENT", "input" if text else "change"))

    def some_log(self):
        return self.log("some", start(), finding(), finding(number=2, kind="double-free", title="double free", at=8,
                                                            stack=[frame("drop", "/app/b.c", 70)]),
                        again(4, number=2), finding(number=3, function="other", at=9))

    def assert_quiet(self):
        self.assertEqual(self.browser.complaints, [])
        self.assertEqual({url.split("#")[0] for url in self.browser.requests}, {f"file://{self.path('report.html')}"})

    def test_is_readable_in_light_and_dark(self):
        log = self.log("made up", *self.made_up())
        backgrounds = []
        for scheme in ("light", "dark"):
            self.open(log, *LOGS, scheme=scheme)
            self.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
            count, weak = self.evaluate(CONTRAST)
            self.assertGreater(count, 1000)
            self.assertEqual(weak, [], scheme)
            backgrounds.append(self.evaluate("getComputedStyle(document.body).backgroundColor"))
            self.open(*LOGS, scheme=scheme)
            self.browser.screenshot(self.path(scheme + ".png"))
            self.assertGreater(os.path.getsize(self.path(scheme + ".png")), 10000)
        self.assertEqual(len(set(backgrounds)), 2)
        self.assert_quiet()

    def test_filters(self):
        self.open(self.some_log())
        self.assertEqual(self.shown(), ["/app/b.c:70", "/app/src/a.c:7", "/app/src/a.c:9"])
        self.assertEqual(self.select("text", "OTHER main"), "1 finding of 3")
        self.assertEqual(self.shown(), ["/app/src/a.c:9"])
        self.assertEqual(self.evaluate("document.querySelectorAll('section.group:not([hidden])').length"), 1)
        self.select("text", "")
        self.assertEqual(self.select("kind", "double-free"), "1 finding of 3")
        self.assertEqual(self.shown(), ["/app/b.c:70"])
        self.assertEqual(self.select("kind", ""), "")
        self.assertEqual(len(self.shown()), 3)
        self.assert_quiet()

    def test_groups_by_file_and_back(self):
        self.open(self.some_log())
        titles = "Array.from(document.querySelectorAll('section.group')).map((s) => s.querySelector('h2').textContent)"
        change = "document.getElementById('by').value = '{}'; document.getElementById('by').dispatchEvent(new Event('change'))"
        before = self.evaluate("document.getElementById('findings').innerText")
        self.evaluate(change.format("file"))
        self.assertEqual(self.evaluate(titles), ["/app/b.c", "/app/src/a.c"])
        self.assertEqual(self.shown(), ["/app/b.c:70", "/app/src/a.c:7", "/app/src/a.c:9"])
        self.evaluate(change.format("kind"))
        self.assertEqual(self.evaluate("document.getElementById('findings').innerText"), before)
        self.assert_quiet()

    def test_unfolds_and_folds(self):
        self.open(self.some_log())
        for button, count in (("fold", 0), ("unfold", 3)):
            self.evaluate(f"document.getElementById('{button}').click()")
            self.assertEqual(self.evaluate("document.querySelectorAll('article > details[open]').length"), count)

    def test_follows_links_to_folded_cards(self):
        log = self.log("many", *[finding(number=n, function=f"f{n}") for n in range(1, 400)])
        merged, _ = self.merged(log)
        name = "f-" + merged["findings"][200]["fingerprint"].removeprefix("v1:")
        is_seen = f"document.getElementById('{name}').querySelector('.body').checkVisibility()"
        self.open(log)
        self.assertFalse(self.evaluate(is_seen))
        self.open(log, anchor="#" + name)
        self.assertTrue(self.evaluate(is_seen))
        self.assert_quiet()

    def test_is_complete_without_its_script(self):
        self.browser.set_script(False)
        self.open(self.some_log())
        self.browser.set_script(True)
        self.assertEqual(len(self.shown()), 3)
        self.assertFalse(self.evaluate("document.getElementById('filter').checkVisibility()"))
        is_seen = "document.querySelector('article .stack ol').checkVisibility()"
        self.assertFalse(self.evaluate(is_seen))
        self.browser.emulate("light", media="print")
        self.assertTrue(self.evaluate(is_seen))
        self.browser.emulate("light")
        self.evaluate("document.querySelector('article summary').click()")
        self.assertFalse(self.evaluate("document.querySelector('article > details').open"))

    def test_runs_nothing_but_its_own_script(self):
        self.open(self.some_log())
        self.evaluate("const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s);"
                      "const i = document.createElement('img'); i.src = 'x.png'; document.body.append(i)")
        self.assertIsNone(self.evaluate("window.ran"))
        self.assertEqual(len([text for text in self.browser.complaints if "Content Security Policy" in text]), 2)

    def test_fits_a_narrow_window_and_prints_what_is_folded(self):
        self.open(*LOGS)
        self.browser.emulate("light", width=360, height=640)
        self.assertLessEqual(self.evaluate("document.documentElement.scrollWidth"), 360)
        self.evaluate("dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(self.evaluate("document.querySelectorAll('article details:not([open])').length"), 0)
        self.evaluate("dispatchEvent(new Event('afterprint'))")
        self.assertGreater(self.evaluate("document.querySelectorAll('article details:not([open])').length"), 3)


if __name__ == "__main__":
    main()
