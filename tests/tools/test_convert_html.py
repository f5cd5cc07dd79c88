#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard convert --to html: read by a strict parser of others."""

import base64
import hashlib
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from convert_support import ConvertTest, LOGS, again, finding, frame, line, start, summary  # noqa: E402
from html_support import HOSTILE, SHOWN, needs_parser, parse, texts, with_class  # noqa: E402
from support import main  # noqa: E402


def hostile(number):
    """A name that differs from the others, and how it is to be read."""
    return f"{number}{HOSTILE}", f"{number}{SHOWN}"


@needs_parser
class PageTest(ConvertTest):
    def html(self, *words, **keywords):
        return self.convert("html", *words, **keywords).stdout

    def page(self, *words, **keywords):
        return parse(self.html(*words, **keywords))

    def cards(self, *words, **keywords):
        return list(self.page(*words, **keywords).iter("article"))


class Page(PageTest):
    def test_is_html_for_every_kind(self):
        for words in ([self.log("made up", *self.made_up()), *LOGS], LOGS, [self.log("empty")], [self.log("s", start())]):
            page = self.page(*words)
            ids = [element.get("id") for element in page.iter() if element.get("id")]
            self.assertEqual(len(ids), len(set(ids)))
            for element in page.iter():
                for name in ("aria-labelledby", "href"):
                    target = element.get(name)
                    self.assertTrue(target is None or target.removeprefix("#") in ids, target)
            self.assertEqual(len(list(page.iter("article"))), len(self.merged(*words)[0]["findings"]))

    def test_needs_and_allows_nothing_but_itself(self):
        page = self.page(*LOGS)
        for element in page.iter():
            self.assertNotIn(element.tag, ("link", "img", "iframe", "object", "embed", "base", "image", "use"))
            for name, value in element.attrib.items():
                self.assertFalse(name in ("src", "action", "style", "srcset", "data", "xlink:href") or name[:2] == "on")
                self.assertTrue(name != "href" or value.startswith("#"))
        rules = [meta.get("content") for meta in page.iter("meta") if meta.get("http-equiv")]
        self.assertEqual(len(rules), 1)
        for tag in ("style", "script"):
            elements = list(page.iter(tag))
            self.assertEqual(len(elements), 1)
            self.assertNotIn("url(", elements[0].text)
            digest = base64.b64encode(hashlib.sha256(elements[0].text.encode()).digest()).decode()
            self.assertIn(f"{tag}-src 'sha256-{digest}';", rules[0])
        self.assertTrue(rules[0].startswith("default-src 'none'; "))

    def test_shows_hostile_names_as_text(self):
        names = iter([hostile(number) for number in range(100, 200)])
        used = []

        def name():
            used.append(next(names))
            return used[-1][0]

        def file_name():
            return "/app/" + name().replace("/", "|")

        def stack():
            return [frame(name(), file_name(), module="/app/m"),
                    {"pc": "0x1", "offset": name(), "module": file_name(), "build_id": name(), "system": True}]

        part = {"thread": 1, "place": "p", "stack": stack()}
        block = {"address": "0x1", "size": 7, "state": "moved", "allocated": {"size": 7, **part, "stack": stack()},
                 "moved": {"to_address": name(), "to_size": 9, **part}}
        log = self.log(
            "log", line("start", ppid=1, time=1000, program=file_name(), arguments=[name()],
                        guard_version=name(), options={"a": name()}),
            finding(kind=name(), title=name(), message=name(), advice=name(), hint=name(), operation="read",
                    address=name(), thread={"number": 1, "tid": 2, "name": name()}, stack=stack(), block=block,
                    system_call={"function": name(), "argument": name()},
                    life=[{"step": "allocated", "size": 7, "place": "p"}, {"step": name(), "size": 8}],
                    today={"state": "live", "moves": 1, "address": name(), "size": 9}))
        page = self.page(log)
        text = texts(page)
        for _, shown in used:
            # A word of a shell is quoted.
            variants = [shown, shown.replace("/", "|"), shown.replace("'", "'\\''")]
            self.assertTrue(any(variant in text for variant in variants), shown)
        clean = self.page(self.log("log", start(), finding()), *LOGS)
        self.assertEqual({e.tag for e in page.iter()} - {e.tag for e in clean.iter()}, set())
        self.assertEqual({a for e in page.iter() for a in e.attrib} - {a for e in clean.iter() for a in e.attrib}, set())
        self.assertEqual(len(list(page.iter("script"))), 1)

    def test_shows_hostile_places(self):
        log = self.log("log", finding(place=HOSTILE, stack=[]), finding(number=2, place="other", stack=[]))
        card = self.cards(log)[0]
        self.assertEqual(texts(with_class(card, "where")[0]), SHOWN)
        self.assertIn(SHOWN, texts(card.find(".//dl")))

    def test_is_the_same_for_any_order_of_logs(self):
        self.assertEqual(self.html(*LOGS), self.html(*reversed(LOGS)))

    def test_is_made_of_what_was_merged_before(self):
        self.convert("json", "-o", self.path("merged.json"), *LOGS)
        page = self.page(self.path("merged.json"))
        head = texts(page.find(".//header"))
        for wanted in ("tables under realloc_guard", "3 distinct misuses, 5 occurrences, in 3 of 3 processes",
                       "2026-11-26 18:45:36 UTC"):
            self.assertIn(wanted, head)
        card = texts(next(page.iter("article")))
        self.assertIn("3 times in 1 process", card)
        self.assertIn("First in4711, begun 2026-11-26 18:45:36 UTC", card)

    def test_orders_by_count_within_kinds(self):
        log = self.log("log", finding(number=1, function="once"), finding(number=2, function="often"),
                       again(4, number=2), finding(number=3, kind="double-free", function="most"), again(8, number=3))
        self.assertEqual([card.get("data-kind") for card in self.cards(log)],
                         ["double-free", "stale-write", "stale-write"])
        self.assertEqual([card.get("data-times") for card in self.cards(log)], ["8", "4", "1"])
        rows = self.page(log).findall(".//tbody/tr")
        self.assertEqual([[texts(cell) for cell in row] for row in rows],
                         [["stale write", "1", "8"], ["stale write", "2", "5"]])


class Head(PageTest):
    def head(self, *words, **keywords):
        return texts(self.page(*words, **keywords).find(".//header"))

    def test_tells_who_wrote_the_logs(self):
        head = self.head(*LOGS)
        for wanted in ("tables under realloc_guard", "3 distinct misuses, 5 occurrences, in 3 of 3 processes",
                       "2026-11-26 18:45:36 UTC", "0.1.0", "format=json log_path=guard.log",
                       "1 block could not be sealed", "2 reports could not be written"):
            self.assertIn(wanted, head)

    def test_counts_processes_where_they_differ(self):
        log = self.log("log", start(1, 1000), start(2, 2000, "/app/other"), start(3, 3000))
        head = self.head(log)
        self.assertIn("/app/prog 2 processes", head)
        self.assertIn("/app/other 1 process", head)
        self.assertIn("1970-01-01 00:16:40 to 1970-01-01 00:50:00 UTC", head)
        self.assertIn("all at their defaults", head)

    def test_does_not_look_clean_where_logs_are_damaged(self):
        head = self.head(self.log("log", start(), "x\n"), self.path("none"), status=1)
        for wanted in ("No misuse was found, in 1 process.", "1 file could not be read", "1 line of the logs is damaged"):
            self.assertIn(wanted, head)
        self.assertNotIn("Not all is here", self.head(self.log("log", start())))


class Card(PageTest):
    def test_tells_the_finding(self):
        card = self.cards(*LOGS)[0]
        where, title, times = (texts(with_class(card, name)[0]) for name in ("where", "title", "times"))
        self.assertEqual((where, title, times), ("/home/me/app/src/table.c:25", "stale write", "3 times"))
        self.assertEqual([texts(h4) for h4 in card.iter("h4")],
                         ["The write", "Moved by realloc", "Allocated", "The block today"])
        text = texts(card)
        for wanted in ("Of 16 bytes at 0x7f21c4200003, at offset 3 of the old block of 20 bytes",
                       "From 20 bytes to 24 bytes, to 0x7f21c4210000, by thread 1.",
                       "14 bytes, by thread 0. Since then moved 1 time before",
                       "Moved 2 more times. Gone: freed, by thread 1.", "What to do: the result of the realloc",
                       "Why it may seem to work: with the C library alone", "Frames further out were not recorded.",
                       "Stack of 3 frames: put_name \u2190 main", "3 times in 1 process",
                       "4711, begun 2026-11-26 18:45:36 UTC: ./tables 'names \"a b\".txt'"):
            self.assertIn(wanted, text)
        fingerprint = self.merged(*LOGS)[0]["findings"][0]["fingerprint"]
        self.assertIn(fingerprint, text)
        self.assertEqual(card.get("id"), "f-" + fingerprint.removeprefix("v1:"))

    def test_dims_frames_of_the_system(self):
        frames = with_class(self.cards(*LOGS)[0], "stack")[0].findall(".//li")
        self.assertEqual([li.get("class") for li in frames], ["system", "own here", "own"])

    def test_draws_the_life(self):
        svg = self.cards(*LOGS)[0].find(".//svg")
        self.assertEqual([texts(text) for text in svg.iter("text")],
                         ["14 bytes", "allocated at grow.h:8", "20 bytes", "moved at table.c:17",
                          "the pointer that was used is from here", "96 bytes",
                          "moved 3 times at table.c:21, first to 24", "freed at table.c:33"])
        self.assertEqual(svg.get("aria-label"),
                         "Life of the block: 14 bytes, allocated at grow.h:8; 20 bytes, moved at table.c:17; the pointer "
                         "that was used is from here; 96 bytes, moved 3 times at table.c:21, first to 24; freed at "
                         "table.c:33")
        widths = [int(bar.get("width")) for bar in svg.iter("rect")]
        self.assertEqual(sorted(widths), widths)

    def test_makes_a_life_of_a_single_move(self):
        part = {"thread": 0, "stack": []}
        log = self.log("log", finding(today={"state": "live", "moves": 0, "address": "0x1", "size": 24}, block={
            "address": "0x7000", "size": 16, "state": "moved", "moves_before": 0,
            "allocated": {"address": "0x7000", "size": 16, "place": "a.c:1", **part},
            "moved": {"to_address": "0x1", "to_size": 24, "place": "a.c:3", **part}}))
        svg = self.cards(log)[0].find(".//svg")
        self.assertEqual([texts(text) for text in svg.iter("text")],
                         ["16 bytes", "allocated at a.c:1", "the pointer that was used is from here", "24 bytes",
                          "moved at a.c:3", "live today"])

    def test_names_some_of_many_processes(self):
        lines = [text for pid in range(1, 21) for text in (start(pid, 1000 + pid), finding(pid))]
        text = texts(self.cards(self.log("log", *reversed(lines[:20]), *lines[20:]))[0])
        self.assertIn("20 times in 20 processes", text)
        logs = [self.log(str(pid), start(pid, 1000 + pid), finding(pid)) for pid in range(1, 21)]
        self.assertEqual(self.html(*logs), self.html(*reversed(logs)))
        text = texts(self.cards(*logs)[0])
        self.assertIn("1, begun 1970-01-01 00:16:41 UTC: prog", text)
        self.assertIn("8, begun 1970-01-01 00:16:48 UTC: prog", text)
        self.assertNotIn("9, begun", text)
        self.assertIn("and 12 later ones", text)

    def test_folds_where_there_are_many(self):
        for count, unfolded in ((3, 3), (40, 1)):
            log = self.log("log", *[finding(number=n, function=f"f{n}") for n in range(1, count + 1)])
            cards = self.cards(log)
            self.assertEqual(len(cards), count)
            self.assertEqual(sum(card.find("details").get("open") is not None for card in cards), unfolded)

    def test_is_brief_behind_the_first_thousand(self):
        moved = {"address": "0x1", "size": 1, "state": "moved", "moved": {"to_address": "0x2", "stack": []}}
        log = self.log("log", *[finding(number=n, function=f"f{n}", block=moved) for n in range(1, 1031)], summary(1, 1))
        html = self.html(log)
        self.assertEqual((html.count("<article "), html.count("<svg ")), (1030, 1000))
        self.assertIn("left out behind the first 1000", html)


class Source(PageTest):
    def setUp(self):
        super().setUp()
        os.makedirs(self.path("root/src"))
        self.write("root/src/a.c", "".join(f"line {n}\n" for n in range(1, 12)))
        self.write("secret.c", "secret\n" * 20)

    def shown(self, file, number=7, root="root", **more):
        log = self.log("log", finding(stack=[frame("f", file, number)], **more))
        card = self.cards(f"--source-root={self.path(root) if root else ''}", log)[0]
        return texts(card.find(".//pre")) if card.find(".//pre") is not None else None, card

    def test_marks_the_line(self):
        text, card = self.shown(self.path("root/src/a.c"))
        self.assertEqual([row.split() for row in text.splitlines()],
                         [[str(n), "line", str(n)] if n != 7 else [">", "7", "line", "7"] for n in range(4, 11)])
        self.assertEqual([texts(mark) for mark in card.iter("mark")], [">    7  line 7\n"])
        self.assertEqual(texts(with_class(card, "where")[0]), "src/a.c:7")

    def test_shows_what_there_is_at_the_ends(self):
        for number, rows in ((1, 4), (11, 4), (10, 5)):
            self.assertEqual(len(self.shown(self.path("root/src/a.c"), number)[0].splitlines()), rows)
        text, card = self.shown(self.path("root/src/a.c"), 12)
        self.assertIsNone(text)
        self.assertIn("(the file has only 11 lines today)", texts(card))
        self.write("root/src/a.c", "no newline")
        self.assertEqual(self.shown(self.path("root/src/a.c"), 1)[0], ">    1  no newline\n")

    def test_finds_what_was_built_elsewhere(self):
        text, card = self.shown("/builds/project/src/a.c")
        self.assertIn("line 7", text)
        self.assertIn("(lines of src/a.c)", texts(card))
        self.assertIsNone(self.shown("/builds/project/a.c")[0])
        # What is there is not the same as what is called alike in the folder.
        os.makedirs(self.path("other/src"))
        self.assertIn("line 7", self.shown(self.path("other/src/a.c"))[0])
        self.write("other/src/a.c", "secret\n" * 20)
        self.assertIsNone(self.shown(self.path("other/src/a.c"))[0])

    def test_says_quietly_what_it_did_not_find(self):
        text, card = self.shown("/builds/b.c")
        self.assertIsNone(text)
        self.assertIn("(source not found)", texts(card))
        self.assertIn("1 source file was not found under", self.html(self.path("log")))
        self.assertIn("1 source file was not looked for", self.html("--source-root=", self.path("log")))

    def test_never_reads_outside_of_the_folder(self):
        os.symlink(self.path("secret.c"), self.path("root/src/link.c"))
        os.symlink(self.folder, self.path("root/src/up"))
        os.mkfifo(self.path("root/src/pipe.c"))
        for file in (self.path("secret.c"), self.path("root/../secret.c"), "../secret.c", self.path("root/src/link.c"),
                     self.path("root/src/up/secret.c"), self.path("root/src/../../secret.c"),
                     self.path("root/src/pipe.c"), "/x/../../secret.c", self.path("root/src"), "/etc/passwd"):
            self.assertIsNone(self.shown(file)[0], file)
        self.assertIsNone(self.shown(self.path("root/src/a.c"), root="")[0])
        self.assertIsNone(self.shown(self.path("root/src/a.c"), root="none")[0])
        # A folder whose name begins as the other's.
        os.makedirs(self.path("rooted/src"))
        self.write("rooted/src/b.c", "secret\n" * 20)
        self.assertIsNone(self.shown(self.path("rooted/src/b.c"))[0])

    def test_shows_hostile_lines_as_text(self):
        with open(self.path("root/src/a.c"), "wb") as file:
            file.write(HOSTILE.replace("\n", "").replace("\r", "").encode() + b"\xff\0hidden\r\n\tb</pre>\n")
        text, card = self.shown(self.path("root/src/a.c"), 1)
        self.assertEqual(text, ">    1  " + SHOWN[:-2] + "\ufffd\n     2  \tb</pre>\n")
        self.assertEqual(len(list(card.iter("script"))), 0)

    def test_tells_where_files_are_newer(self):
        newer = "were changed after the program ran"
        log = self.log("log", start(), finding(stack=[frame("f", self.path("root/src/a.c"))]))
        self.assertIn(newer, self.html("--source-root", self.path("root"), log))
        os.utime(self.path("root/src/a.c"), (900, 900))
        self.assertNotIn(newer, self.html("--source-root", self.path("root"), log))


class RealLog(PageTest):
    def test_of_a_program_under_the_guard(self):
        program = self.build("prog", "#include <stdlib.h>\nint main(void) {\n    char *volatile old = malloc(20);\n"
                             "    char *volatile moved = realloc(old, 100000);\n    old[3] = 1;\n"
                             "    free(moved);\n    return 0;\n}\n", "-g")
        log = self.guarded(program)
        card = self.cards(f"--source-root={self.folder}", log)[0]
        self.assertEqual([texts(mark).split("  ", 2)[-1].strip() for mark in card.iter("mark")],
                         ["5      old[3] = 1;", "4      char *volatile moved = realloc(old, 100000);",
                          "3      char *volatile old = malloc(20);", ])
        self.assertEqual(card.get("data-kind"), "stale-write")


if __name__ == "__main__":
    main()
