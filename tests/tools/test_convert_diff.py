#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard diff, and what reads the documents of convert --to json again."""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from convert_support import ConvertTest, LOGS, again, finding, frame, start  # noqa: E402
from support import main, tool  # noqa: E402


class DiffTest(ConvertTest):
    def setUp(self):
        super().setUp()
        self.old = self.log("old", start(1), finding(1, 1, "gone"), finding(1, 2, "stays"))
        self.new = self.log("new", start(2), finding(2, 1, "stays", at=70), again(5, 2), finding(2, 2, "added"))

    def diff(self, *words, status, **keywords):
        result = tool("diff", *words, **keywords)
        self.assertEqual(result.returncode, status, result.stderr)
        return result

    def document(self, name, *logs):
        self.convert("json", "-o", self.path(name), *logs)
        return self.path(name)


class Diff(DiffTest):
    def test_tells_what_is_new_gone_and_unchanged(self):
        lines = self.diff(self.old, self.new, status=86).stdout.split("\n")
        self.assertEqual(lines[:4], ["realloc_guard: 1 new, 1 gone, 1 unchanged", "", "new:",
                                     "==2== stale write: a.c:7 uses a pointer that realloc moved away from at a.c:3"])
        self.assertIn("    => #0 added  /app/src/a.c:7", lines)
        rest = lines[lines.index("gone:"):]
        self.assertRegex(rest[1], r"^  v1:[0-9a-f]{16}  stale write: a\.c:7 uses .* \(1 time\)$")
        self.assertEqual(rest[2:4], ["", "unchanged:"])
        self.assertRegex(rest[4], r"^  v1:[0-9a-f]{16}  stale write: a\.c:70 uses .* \(5 times, before 1\)$")
        self.assertEqual(rest[5:], ["", ""])

    def test_ends_with_0_where_nothing_is_new(self):
        self.assertEqual(self.diff(self.new, self.new, status=0).stdout.split("\n")[0],
                         "realloc_guard: 0 new, 0 gone, 2 unchanged")
        empty = self.log("empty")
        self.assertEqual(self.diff(self.old, empty, status=0).stdout.split("\n")[0],
                         "realloc_guard: 0 new, 2 gone, 0 unchanged")
        self.diff(empty, self.old, status=86)

    def test_writes_what_is_new_in_each_format(self):
        for form in ("github", "junit", "sarif", "text", "valgrind-xml"):
            output = self.diff("--to", form, self.old, self.new, status=86).stdout
            self.assertIn("added" if form not in ("github",) else "a.c", output)
            self.assertNotIn("stays", output)
            self.assertNotIn("gone", output)
        merged = json.loads(self.diff("--to=json", "--source-root=/app", self.old, self.new, status=86).stdout)
        self.assertEqual([f["finding"]["stack"][0]["file"] for f in merged["findings"]], ["src/a.c"])
        self.assertEqual((merged["summary"]["findings"], merged["summary"]["occurrences"]), (1, 1))
        self.assertEqual(self.diff("--to=github", self.new, self.new, status=0).stdout, "")

    def test_compares_documents_of_many_logs(self):
        old = self.document("old.json", self.old, *LOGS)
        new = self.document("new.json", self.new, *LOGS)
        text = self.diff(old, new, status=86).stdout
        self.assertEqual(text.split("\n")[0], "realloc_guard: 1 new, 1 gone, 4 unchanged")
        self.assertEqual(self.diff(old, self.new, status=86).stdout.split("\n")[0],
                         "realloc_guard: 1 new, 4 gone, 1 unchanged")

    def test_takes_what_has_forgotten_the_allocation_for_the_same(self):
        def log(name, function, **block):
            block = {"address": "0x1", "size": 8, "state": "freed", "moves_before": 0,
                     "freed": {"by": "free", "place": "a.c:5", "stack": [frame("drop")]}, **block}
            return self.log(name, start(), finding(function=function, kind="double-free", block=block))
        full = log("full", "use", allocated={"address": "0x1", "size": 8, "thread": 0, "place": "a.c:1",
                                             "stack": [frame("make")]})
        other = log("other", "use", allocated={"address": "0x1", "size": 8, "thread": 0, "place": "a.c:2",
                                               "stack": [frame("build")]})
        brief = log("brief", "use", allocated_unknown="gone")
        for old, new in ((full, brief), (brief, full)):
            self.assertEqual(self.diff(old, new, status=0).stdout.split("\n")[0],
                             "realloc_guard: 0 new, 0 gone, 1 unchanged")
        self.diff(full, other, status=86)
        self.diff(full, log("elsewhere", "elsewhere", allocated_unknown="gone"), status=86)

    def test_compares_folders(self):
        os.makedirs(self.path("before"))
        os.makedirs(self.path("after"))
        os.rename(self.old, self.path("before/log"))
        os.rename(self.new, self.path("after/log"))
        output = self.diff(self.path("before"), self.path("after"), status=86).stdout
        self.assertTrue(output.startswith("realloc_guard: 1 new, 1 gone, 1 unchanged\n"))

    def test_says_that_it_is_not_sure(self):
        broken = self.log("broken", "x\n", finding())
        for words in ((broken, self.new), (self.old, broken), (self.path("none"), self.new)):
            self.assertTrue(self.diff(*words, status=1).stderr.startswith("realloc-guard: "))

    def test_refuses_what_it_does_not_understand(self):
        for words in ((self.old,), (self.old, self.new, self.old), ("--to=poem", self.old, self.new), ("--what",),
                      ("-o", "/nowhere/x", self.old, self.new)):
            result = self.diff(*words, status=2)
            self.assertTrue(result.stderr.startswith("realloc-guard: diff: "), result.stderr)
            self.assertEqual(result.stderr.count("\n"), 1)
        self.assertIn("OLD NEW", self.diff("--help", status=0).stdout)


class Document(DiffTest):
    def test_becomes_the_same_again(self):
        made_up = self.log("made up", *self.made_up())
        document = self.document("one.json", self.old, self.new, made_up, *LOGS)
        with open(document, encoding="utf-8") as text:
            self.assertEqual(self.convert("json", document).stdout, text.read())
        for form in ("text", "sarif", "junit", "github"):
            self.assertEqual(self.convert(form, document).stdout,
                             self.convert(form, self.old, self.new, made_up, *LOGS).stdout)

    def test_adds_up_with_others(self):
        document = self.document("one.json", self.new)
        merged, _ = self.merged(document, document, self.new)
        self.assertEqual(sorted(f["occurrences"] for f in merged["findings"]), [3, 15])
        self.assertEqual(merged["summary"]["processes"], 3)
        self.assertEqual(merged["findings"][0]["places"], [{"place": "a.c:70", "occurrences": 15}])

    def test_keeps_when_and_in_how_many_processes(self):
        documents = [self.document(f"{times}.json", *(self.log(f"{time}", start(time, time), finding(time))
                                                      for time in times))
                     for times in ((4000,), (9000, 9500), (2000,))]
        for order in (documents, documents[::-1]):
            found = self.merged(*order)[0]["findings"][0]
            self.assertEqual((found["processes"], found["first_time"], found["last_time"], found["finding"]["pid"]),
                             (4, 2000, 9500, 2000))

    def test_may_be_on_one_line(self):
        with open(self.document("one.json", self.new), encoding="utf-8") as text:
            line = json.dumps(json.load(text)) + "\n"
        self.assertEqual(self.convert("text", "-", input=line).stdout, self.convert("text", self.new).stdout)

    def test_is_refused_where_it_is_damaged(self):
        with open(self.document("one.json", self.new), encoding="utf-8") as text:
            good = json.load(text)

        def check(phrase, text):
            name = self.log("bad.json", text)
            merged, said = self.merged(name, status=1)
            self.assertEqual(merged["findings"], [])
            self.assertTrue(said.startswith(f"realloc-guard: {name}:1: "), said)
            self.assertEqual(said.count("\n"), 1)
            self.assertIn(phrase, said)
        check("not whole", json.dumps(good).replace('"title"', '"tale"', 1) + "\n")
        whole = json.dumps(good, indent=1)
        check("no whole JSON", whole[:-9])
        check("neither", '{\n"x": 1}\n')
        check("version of the format", whole.replace('"version": 1', '"version": 2', 1))
        check("fingerprint", whole.replace("v1:", "v2:", 1))
        check("not whole", whole.replace('"title"', '"tale"', 1))
        check("not whole", whole.replace('"places"', '"spaces"', 1))


if __name__ == "__main__":
    main()
