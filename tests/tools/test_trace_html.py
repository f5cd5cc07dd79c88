#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard trace html: read by a strict parser of others."""

import base64
import hashlib
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from html_support import HOSTILE, SHOWN, needs_parser, parse, texts, with_class  # noqa: E402
from support import main, tool  # noqa: E402
from trace_made_up import CALLOC, Made  # noqa: E402
from trace_html_support import TraceHtmlTest, growing  # noqa: E402


@needs_parser
class PageTest(TraceHtmlTest):
    def page(self, trace, status=0):
        return parse(self.html(trace, status))

    def data(self, page):
        return json.loads(texts(next(e for e in page.iter("script") if e.get("id") == "data")))

    def rows(self, page):
        """The table of sites: name and the exact figures."""
        table = next(e for e in page.iter("table") if e.get("id") == "table")
        return {texts(row[0]): [int(cell.get("data-n")) for cell in row[1:]] for row in table.find("tbody")}


class Page(PageTest):
    def test_is_html_for_every_shape_of_trace(self):
        empty = Made()
        for name, made in (("empty", empty), ("growing", growing()), ("several", self.several())):
            page = self.page(made.write(self.path(name)))
            ids = [element.get("id") for element in page.iter() if element.get("id")]
            self.assertEqual(len(ids), len(set(ids)))
            for element in page.iter():
                for attribute in ("aria-labelledby", "href"):
                    target = element.get(attribute)
                    self.assertTrue(target is None or target.removeprefix("#") in ids, target)

    def test_needs_and_allows_nothing_but_itself(self):
        page = self.page(self.several().write(self.path("t")))
        for element in page.iter():
            self.assertNotIn(element.tag, ("link", "img", "iframe", "object", "embed", "base", "image", "use"))
            for name, value in element.attrib.items():
                self.assertFalse(name in ("src", "action", "style", "srcset", "data", "xlink:href") or name[:2] == "on")
                self.assertTrue(name != "href" or value.startswith("#"))
        rules = [meta.get("content") for meta in page.iter("meta") if meta.get("http-equiv")]
        self.assertEqual(len(rules), 1)
        self.assertTrue(rules[0].startswith("default-src 'none'; "))
        scripts = list(page.iter("script"))
        self.assertEqual([script.get("type") for script in scripts], ["application/json", None])
        for tag, element in (("style", next(page.iter("style"))), ("script", scripts[1])):
            self.assertNotIn("url(", element.text)
            digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
            self.assertIn(f"{tag}-src 'sha256-{digest}';", rules[0])

    def function_in(self, name, module, *flags):
        """Builds a program with a function of that name. Returns its address."""
        plain = self.build("plain", '#line 7 "/src/<script>&.c"\nint plain(void) { return 7; }\n'
                           'int main(void) { return plain(); }\n', "-no-pie", "-O0", *flags)
        symbols = subprocess.run(["nm", plain], check=True, encoding="utf-8", stdout=subprocess.PIPE).stdout
        subprocess.run(["objcopy", f"--redefine-sym=plain={name}", plain, module], check=True)
        return next(int(line.split()[0], 16) + 4 for line in symbols.splitlines() if line.endswith(" T plain"))

    def test_shows_hostile_names_as_text(self):
        name = HOSTILE.rstrip()
        modules = [self.path("m<b>&.so"), self.path("lines")]
        unnamed, placed = self.function_in(name, modules[0]), self.function_in("plain", modules[1], "-g")
        made = Made(path="/bin/" + HOSTILE.replace("/", "|"), command=(HOSTILE.encode(), b"\xff"))
        made.note(HOSTILE)
        made.thread(0, HOSTILE[:15])
        made.module(1, modules[0])
        made.module(3, modules[1])
        made.module(2, "/lib/" + HOSTILE.replace("/", "|"))
        made.stack(1, [(1, unnamed), (2, 0x1234)])
        made.stack(3, [(3, placed)])
        made.stack(2, [(2, 0x1234)])
        made.alloc(10, 0x1000, 100)
        made.realloc(20, 0x1000, 0x2000, 100, 200)
        made.alloc(30, 0x3000, 10, stack=2)
        made.alloc(30, 0x4000, 10, stack=3)
        made.end(40)
        page = self.page(made.write(self.path("t")))
        text = texts(page)
        self.assertIn(SHOWN, texts(page.find(".//header")))
        self.assertIn("Memory of " + SHOWN.replace("/", "|"), text)
        shown = SHOWN[:-2]
        self.assertIn(shown, "".join(self.rows(page)))
        self.assertIn("<script>&.c:7", "".join(self.rows(page)))
        functions = [function[0] for function in self.data(page)["functions"]]
        self.assertIn(shown, functions)
        clean = self.page(growing().write(self.path("clean")))
        self.assertEqual({e.tag for e in page.iter()} - {e.tag for e in clean.iter()}, {"section", "ul", "li"} - {
            e.tag for e in clean.iter()})
        self.assertEqual({a for e in page.iter() for a in e.attrib} - {a for e in clean.iter() for a in e.attrib}, set())
        self.assertNotIn("<script", self.html(self.path("t")).split("<script type=\"application/json\" id=\"data\">")[1]
                         .split("</script>")[0])

    def test_says_what_is_wrong(self):
        trace = growing().write(self.path("t"))
        for words, wanted in (([], "no file is given"), (["--wide", trace], 'unknown option "--wide"'),
                              ([self.path("none")], "none"), ([trace, trace], "one file too many"),
                              (["-o"], "a value is missing"),
                              (["-o", self.path("no/folder"), trace], "cannot be written")):
            done = tool("trace", "html", *words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn(wanted, done.stderr)
            self.assertTrue(done.stderr.startswith("realloc-guard: trace html: "), done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1)

    def test_says_that_the_disk_is_full(self):
        trace = growing().write(self.path("t"))
        done = tool("trace", "html", "-o", "/dev/full", trace)
        self.assertEqual(done.returncode, 2)
        self.assertIn("/dev/full cannot be written (No space left on device)", done.stderr)


class Head(PageTest):
    def head(self, made, status=0):
        return texts(self.page(made.write(self.path("t")), status).find(".//header"))

    def test_tells_of_the_process(self):
        head = self.head(growing())
        for wanted in ("Memory of made-up", "/bin/made-up", "made-up 'it'\\''s'", "4242, 1 thread", "2023-11-14 22:13:20 UTC",
                       "by exit", "Allocations101"):
            self.assertIn(wanted, head)
        self.assertNotIn("What to know", head)

    def test_tells_what_is_missing(self):
        made = growing(is_ended=False)
        made.note("the disk is full")
        head = self.head(made)
        for wanted in ("What to know of this trace", "did not end by exit", "the disk is full", "so far"):
            self.assertIn(wanted, head)


class Figures(PageTest):
    def test_are_those_of_the_trace(self):
        page = self.page(self.several().write(self.path("t")))
        rows = self.rows(page)
        # Allocated, calls, at the peak, at the end, temporary, reallocs, copied, lived.
        self.assertEqual(rows["big+0x10"], [3000, 3, 2000, 1000, 1, 0, 0, 250])
        self.assertEqual(rows["small+0x20"], [64, 2, 48, 48, 0, 1, 16, 0])
        self.assertEqual(texts(with_class(page, "verdict")[0]),
                         "2.05 kB at the peak; 3.06 kB allocated in 5 calls; 1.05 kB never freed.")

    def test_keep_every_extreme_of_a_long_trace(self):
        made = Made()
        made.stack(1, [(0, 0x10)])
        made.alloc(0, 0x10, 1)
        for i in range(20000):
            made.alloc(1000 * i + 1, 0x100, 50 + i % 7)
            made.free(1000 * i + 500, 0x100)
        made.alloc(5000700, 0x200, 1000000, thread=1)
        made.free(5000701, 0x200, thread=1)
        made.end(20000000)
        chart = self.data(self.page(made.write(self.path("t"))))["chart"]
        points = list(zip(*[iter(chart["points"])] * 3))
        self.assertLess(len(points), 9002)
        self.assertEqual(points, sorted(points, key=lambda point: point[0]))
        self.assertEqual(max(point[1] for point in points), 1000001)
        self.assertEqual(chart["peak"], [5000700, 1000001])
        self.assertEqual(points[-1][1:], (1, 1))

    def test_of_the_flame_graph_add_up(self):
        data = self.data(self.page(self.several().write(self.path("t"))))
        nodes = list(zip(*[iter(data["nodes"])] * 7))
        self.assertEqual(nodes[0], (0, 0, 3064, 5, 2048, 1048, 1))
        names = {data["functions"][node[1]][0]: node for node in nodes[1:]}
        self.assertEqual(names["main+0x1"][0], 1)
        self.assertEqual(names["main+0x1"][2:], nodes[0][2:])
        self.assertEqual(names["big+0x10"][:1] + names["big+0x10"][2:], (2, 3000, 3, 2000, 1000, 1))

    def test_of_the_flame_graph_begin_with_main(self):
        program = self.build("p", "int main(void) { return 0; }", "-no-pie")
        symbols = subprocess.run(["nm", program], check=True, encoding="utf-8", stdout=subprocess.PIPE).stdout
        at = {line.split()[2]: int(line.split()[0], 16) + 1 for line in symbols.splitlines() if " T " in line}
        made = Made()
        made.module(1, program)
        made.module(2, "/lib/other")
        made.stack(1, [(2, 0x10), (1, at["main"]), (2, 0x20), (1, at["_start"])])
        made.stack(2, [(2, 0x10), (2, 0x20), (1, at["_start"])])
        made.stack(3, [(1, at["_start"])])
        for i in range(1, 4):
            made.alloc(i, 0x1000 * i, 100, stack=i)
        made.end(10)
        data = self.data(self.page(made.write(self.path("t"))))
        nodes = [(node[0], data["functions"][node[1]][0]) for node in zip(*[iter(data["nodes"])] * 7)][1:]
        self.assertEqual(sorted(nodes), [(1, "_start"), (1, "main"), (1, "other+0x20"), (2, "other+0x10"), (2, "other+0x10")])

    def test_of_lifetimes_are_counted_by_tens(self):
        page = self.page(self.several().write(self.path("t")))
        section = next(e for e in page.iter("section") if e.get("id") == "lifetimes")
        rows = {texts(row[0]): texts(row[2]) for row in section.iter("tr")}
        self.assertEqual(rows["below 1\u00a0us"], "2")
        self.assertEqual(rows["live at the end"], "2")

    def test_tell_of_growth_that_is_worth_a_change(self):
        page = self.page(growing(steps=2000).write(self.path("t")))
        costly = with_class(page, "costly")
        self.assertEqual(len(costly), 1)
        self.assertIn("quadratic copying", texts(costly[0]))
        self.assertIn("16, 32, 48", texts(costly[0]))
        self.assertEqual(len(list(with_class(costly[0], "ladder")[0].iter("rect"))), 11)

    def test_stay_few_where_the_trace_is_large(self):
        made = Made()
        for i in range(1, 30001):
            made.stack(i, [(0, 0x1000 + 16 * (i % 9973)), (0, 0x900000 + 16 * i), (0, 0x50)])
            made.alloc(i, 16 * i, 1 + i % 100, stack=i, how=CALLOC)
        made.end(40000)
        html = self.html(made.write(self.path("t")))
        self.assertLess(len(html), 3000000)
        self.assertIn("sites are left out", html)


if __name__ == "__main__":
    main()
