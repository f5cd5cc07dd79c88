#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard convert: what it merges, and what it says of logs that are damaged."""

import itertools
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from convert_support import (ConvertTest, LOGS, again, finding, line, start, summary)  # noqa: E402
from support import Settings, clean_env, main, tool  # noqa: E402

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/merged.schema.json")
MOST_MEMORY = 24 * 1024  # KiB, of 40 MiB that are read


class Merges(ConvertTest):
    def test_counts_each_distinct_misuse_once(self):
        merged, said = self.merged(*LOGS)
        self.assertEqual(said, "")
        self.assertEqual(merged["summary"], {"findings": 3, "occurrences": 5, "processes": 3,
                                             "processes_with_findings": 3, "lapsed": 1, "lost_lines": 2})
        self.assertEqual([(f["finding"]["kind"], f["occurrences"], f["processes"]) for f in merged["findings"]],
                         [("stale-write", 3, 1), ("overrun", 1, 1), ("double-free", 1, 1)])

    def test_adds_up_the_same_misuse_of_many_processes(self):
        one = self.log("one", start(100, 2000), finding(100), again(2, 100), again(5, 100), again(3, 100), summary(1, 5, 100))
        two = self.log("two", start(200, 1000), start(300, 3000), finding(200), finding(300), again(2, 300))
        merged, _ = self.merged(one, two)
        self.assertEqual(len(merged["findings"]), 1)
        found = merged["findings"][0]
        self.assertEqual((found["occurrences"], found["processes"]), (8, 3))
        self.assertEqual((found["first_time"], found["last_time"]), (1000, 3000))
        self.assertEqual(found["finding"]["pid"], 200)
        self.assertEqual((merged["summary"]["processes"], merged["summary"]["occurrences"]), (3, 8))

    def test_does_not_depend_on_the_order_of_the_files(self):
        files = [self.log("a", start(1, 50), finding(1, at=9), again(4, 1)),
                 self.log("b", start(1, 50), finding(1, at=8), finding(1, 2, "other")),
                 self.log("c", finding(1, at=3), finding(1, 2, "third")),
                 self.log("d", start(2, 40), finding(2, 1, "third"), finding(2, 2, at=8))]
        for form in ("json", "text"):
            for order in ("first", "count"):
                outputs = {self.convert(form, "--sort", order, *names).stdout
                           for names in itertools.permutations(files)}
                self.assertEqual(len(outputs), 1)

    def test_orders_by_first_process_or_by_count(self):
        log = self.log("log", start(1, 20), finding(1, 1, "rare"), start(2, 10), finding(2, 1, "early"),
                       start(3, 30), finding(3, 1, "often"), again(9, 3))

        def functions(order):
            merged, _ = self.merged("--sort=" + order, log)
            return [f["finding"]["stack"][0]["function"] for f in merged["findings"]]
        self.assertEqual(functions("first"), ["early", "rare", "often"])
        self.assertEqual(functions("count"), ["often", "early", "rare"])

    def test_tells_lines_of_one_function_apart_within_a_misuse(self):
        log = self.log("log", start(), finding(number=1, at=7), finding(number=2, at=9), again(3, number=2))
        merged, _ = self.merged(log)
        self.assertEqual([f["places"] for f in merged["findings"]],
                         [[{"place": "a.c:9", "occurrences": 3}, {"place": "a.c:7", "occurrences": 1}]])
        self.assertEqual((merged["findings"][0]["occurrences"], merged["findings"][0]["processes"]), (4, 1))

    def test_takes_a_second_start_of_an_id_for_another_process(self):
        log = self.log("log", start(7, 10), finding(7), again(4, 7), start(7, 20), finding(7), again(3, 7))
        merged, _ = self.merged(log)
        self.assertEqual([(f["occurrences"], f["processes"]) for f in merged["findings"]], [(7, 2)])
        self.assertEqual(merged["summary"]["processes"], 2)

    def test_counts_what_only_a_summary_knows_of(self):
        log = self.log("log", start(), finding(), summary(3, 12))
        self.assertEqual(self.merged(log)[0]["summary"]["occurrences_not_kept"], 11)

    def test_shows_bugs_of_the_guard_in_every_format(self):
        text = "==7== realloc_guard: a fault in the guard's own code, at 0x10 <&>\n    #0 f"
        note = line("note", 7, topic="internal-error", text=text)
        log = self.log("log", start(8, 20), finding(8), start(7, 10), note, line("note", 7, topic="luck", text="luck"))
        merged, said = self.merged(log)
        error = {"pid": 7, "time": 10, "program": "/app/prog", "text": text}
        self.assertEqual((merged["internal_errors"], merged["summary"]["internal_errors"], said), ([error], 1, ""))
        self.convert("json", "-o", self.path("document"), log)
        for source in (log, self.path("document")):
            self.assertEqual(self.merged(source)[0]["internal_errors"], [error])
            shown = self.convert("text", source).stdout
            self.assertIn("realloc_guard: a bug of the guard ended process 7 (/app/prog); please report it with these "
                          "lines:\n    ==7== realloc_guard: a fault", shown)
            self.assertIn("\n        #0 f\n", shown)
            self.assertIn("at 0x10 &lt;&amp;&gt;\n    #0 f\n</pre>", self.convert("html", source).stdout)
            suite = self.convert("junit", source).stdout
            self.assertIn('errors="1"', suite)
            self.assertIn('<error type="internal-error" message="a bug of the guard ended process 7 (/app/prog)">', suite)
            invocation = json.loads(self.convert("sarif", source).stdout)["runs"][0]["invocations"][0]
            self.assertFalse(invocation["executionSuccessful"])
            self.assertEqual([item["message"]["text"] for item in invocation["toolExecutionNotifications"]],
                             ["a bug of the guard ended process 7 (/app/prog):\n" + text])
            self.assertIn("::error title=a bug of the guard ended process 7 (/app/prog)::==7== realloc_guard",
                          self.convert("github", source).stdout)

    def test_keeps_some_bugs_of_the_guard_and_counts_the_others(self):
        notes = [line("note", pid, topic="internal-error", text="bug") for pid in range(1, 151)]
        self.convert("json", "-o", self.path("document"), self.log("log", *notes))
        merged, _ = self.merged(self.path("document"))
        self.assertEqual((len(merged["internal_errors"]), merged["summary"]["internal_errors"]), (100, 150))
        self.assertIn("realloc_guard: and 50 more\n", self.convert("text", self.path("log")).stdout)

    def test_keeps_numbers_that_have_64_bits(self):
        size = 2 ** 64 - 1
        merged, _ = self.merged(self.log("log", start(), finding(requested_size=size)))
        self.assertEqual(merged["findings"][0]["finding"]["requested_size"], size)

    def test_makes_paths_relative_to_the_source_root(self):
        def files(*words, **keywords):
            stack = self.merged(*words, self.log("log", start(), finding(stack=[
                {"pc": "0x1", "offset": "0x1", "function": "use", "file": "/app/build/../src/./a.c", "line": 1},
                {"pc": "0x2", "offset": "0x2", "function": "main", "file": "/application/main.c", "line": 1},
                {"pc": "0x3", "offset": "0x3", "function": "top", "file": "../x/..//b.c", "line": 1}])),
                **keywords)[0]["findings"][0]["finding"]["stack"]
            return [frame["file"] for frame in stack]
        self.assertEqual(files("--source-root=/app"), ["src/a.c", "/application/main.c", "../b.c"])
        self.assertEqual(files("--source-root=/app/x/../"), ["src/a.c", "/application/main.c", "../b.c"])
        self.assertEqual(files("--source-root=/"), ["app/src/a.c", "application/main.c", "../b.c"])
        self.assertEqual(files("--source-root="), ["/app/src/a.c", "/application/main.c", "../b.c"])
        os.makedirs(self.path("src"))
        self.assertEqual(files(cwd=self.path("src"))[0], "/app/src/a.c")

    def test_is_valid_by_its_schemas(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("Debian's python3-jsonschema is not installed")
        from lines import complaints_about
        with open(SCHEMA, encoding="utf-8") as text:
            validator = jsonschema.Draft202012Validator(json.load(text))
        merged, said = self.merged("--source-root=/home/me", *LOGS, self.log("made up", *self.made_up()))
        self.assertEqual(said, "")
        self.assertEqual([error.message for error in validator.iter_errors(merged)], [])
        for found in merged["findings"]:
            self.assertEqual(complaints_about(found["finding"]), [])

    def test_holds_no_more_than_the_distinct_misuses(self):
        log = self.path("long")
        with open(log, "w", encoding="utf-8") as file:
            for pid in range(1, 5001):
                file.write(start(pid) + finding(pid, pad="x" * 8000) + summary(1, 1, pid))
        out = self.path("out")
        pid = os.posix_spawn(Settings.exe, [Settings.exe, "convert", "--to=json", "-o", out, log], clean_env())
        _, status, usage = os.wait4(pid, 0)
        self.assertEqual(status, 0)
        with open(out, encoding="utf-8") as text:
            self.assertEqual(json.load(text)["findings"][0]["processes"], 5000)
        self.assertLess(usage.ru_maxrss, MOST_MEMORY)


class Damaged(ConvertTest):
    def check(self, bad, *phrases):
        """A damaged line among good ones: it is complained about, and the others are converted."""
        name = self.log("log", start(), bad, finding())
        merged, said = self.merged(name, status=1)
        self.assertEqual(said.count("\n"), 1, said)
        self.assertTrue(said.startswith(f"realloc-guard: {name}:2: "), said)
        self.assertIn("; ", said)
        for phrase in phrases:
            self.assertIn(phrase, said)
        self.assertEqual(len(merged["findings"]), 1)
        self.assertEqual(merged["summary"]["damaged_lines"], 1)

    def test_says_where_a_line_is_no_json(self):
        self.check("==100== stale write\n", "no JSON", "byte 1")
        self.check('{"version": 1,\n', "no end")
        self.check('{"version": 1 "event"}\n', "a missing comma at byte 15")
        self.check('{"version": 01}\n', "byte 14")
        self.check('{"version": "\\ud8000"} x\n', "something behind its end")
        self.check('{"version": "\\q"}\n', "unknown escape")
        self.check('{"version": "\t"}\n', "control character")
        self.check('{"version": -}\n', "lacks digits")
        self.check("[" * 1000 + "\n", "64")
        self.check("null\n", "no object")
        self.check("{}\n", "version")
        self.check("x" * 1100000 + "\n", "1 MiB")

    def test_says_that_bytes_are_not_utf_8(self):
        name = self.path("bytes")
        with open(name, "wb") as file:
            file.write(start().encode() + b'{"version":"\xc0\xaf"}\n' + b"\0\0\0\n" + finding().encode())
        merged, said = self.merged(name, status=1)
        self.assertEqual(said.count("\n"), 2)
        self.assertIn("not UTF-8", said)
        self.assertEqual(len(merged["findings"]), 1)

    def test_says_what_a_line_lacks(self):
        good = json.loads(finding())
        for key in ("number", "kind", "title", "message", "trouble", "operation", "thread", "address", "stack",
                    "advice", "pid"):
            self.check(json.dumps({k: v for k, v in good.items() if k != key}) + "\n", f'"{key}')
        self.check(json.dumps(dict(good, stack=[7])) + "\n", "frames")
        self.check(json.dumps(dict(good, block={"allocated": {"stack": {}}, "size": 1})) + "\n", "frames")
        self.check(json.dumps(dict(good, number=-1)) + "\n", "number")
        self.check(line("again", number=1), '"occurrences"')
        self.check(line("start", time="now", program="x"), '"time"')
        self.check(line("summary", misuses=1), '"occurrences"')

    def test_names_a_version_that_it_does_not_know(self):
        self.check(json.dumps(dict(json.loads(finding()), version=2)) + "\n", "version of the format other than 1")

    def test_takes_what_it_does_not_know_for_news(self):
        log = self.log("log", start(), line("weather", sun=True), finding(colour="red", block={"size": 1, "new": []}),
                       "\n", "  \r\n")
        merged, said = self.merged(log)
        self.assertEqual(said, "")
        self.assertEqual(merged["findings"][0]["finding"]["colour"], "red")

    def test_notes_that_a_log_was_cut_off(self):
        cut = self.log("cut", start(), finding(), again(2)[:-9])
        merged, said = self.merged(cut)
        self.assertTrue(said.startswith(f"realloc-guard: note: {cut}:3: "), said)
        self.assertIn("no end", said)
        self.assertEqual(merged["findings"][0]["occurrences"], 1)
        self.assertEqual(merged["summary"]["cut_logs"], 1)

    def test_goes_on_behind_a_file_that_is_not_there(self):
        merged, said = self.merged(self.path("none"), LOGS[0], status=1)
        self.assertEqual(len(merged["findings"]), 1)
        self.assertIn("No such file", said)

    def test_takes_a_pattern_that_nothing_matched_for_no_logs(self):
        merged, said = self.merged(self.path("guard.log.*"))
        self.assertEqual(merged["findings"], [])
        self.assertTrue(said.startswith("realloc-guard: note: there is no log"), said)

    def test_reads_the_files_of_a_folder(self):
        folder = self.path("logs")
        os.makedirs(os.path.join(folder, "deeper"))
        self.write("logs/one", start(1) + finding(1))
        self.write("logs/two", start(2) + finding(2, 1, "other"))
        self.write("logs/.hidden", "no log\n")
        self.write("logs/deeper/three", "no log\n")
        os.mkfifo(os.path.join(folder, "pipe"))
        whole = self.merged(self.path("logs/one"), self.path("logs/two"))
        for name in (folder, folder + "/"):
            self.assertEqual(self.merged(name), whole)
        self.write("logs/damaged", "{\n[\n")
        merged, said = self.merged(folder, status=1)
        self.assertEqual(len(merged["findings"]), 2)
        self.assertIn("logs/damaged:1: ", said)

    def test_takes_an_empty_folder_for_no_logs(self):
        os.makedirs(self.path("empty/deeper"))
        merged, said = self.merged(self.path("empty"))
        self.assertEqual(merged["findings"], [])
        self.assertEqual(said, f"realloc-guard: note: there is no log in the folder \"{self.path('empty')}\": nothing was "
                               "reported, or it is another folder\n")

    def test_says_that_a_folder_cannot_be_read(self):
        if os.geteuid() == 0:
            self.skipTest("root reads any folder")
        os.makedirs(self.path("closed"))
        os.chmod(self.path("closed"), 0)
        self.assertIn("closed: cannot be read (Permission denied)", self.merged(self.path("closed"), status=1)[1])

    def test_does_not_take_a_process_of_another_file_for_its_own(self):
        merged, _ = self.merged(self.log("one", start(), finding()), self.log("two", again(9)))
        self.assertEqual(merged["findings"][0]["occurrences"], 1)


class Command(ConvertTest):
    def refused(self, *words, phrase):
        result = tool("convert", *words)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertTrue(result.stderr.startswith("realloc-guard: convert: "), result.stderr)
        self.assertIn(phrase, result.stderr)

    def test_refuses_what_it_does_not_understand(self):
        self.refused(LOGS[0], phrase="--to=FORMAT")
        self.refused("--to=json", phrase="no file")
        self.refused("--to=poem", LOGS[0], phrase="unknown format \"poem\"")
        self.refused("--to", phrase="missing")
        self.refused("--to=json", "--source-root", phrase="missing")
        self.refused("--to=", LOGS[0], phrase="unknown format")
        self.refused("--to=json", "--output=", LOGS[0], phrase="cannot be written")
        self.refused("--to=json", "--sort=size", LOGS[0], phrase="first or count")
        self.refused("--to=json", "--tonight", LOGS[0], phrase="unknown option \"--tonight\"")
        self.refused("--to=json", "-o", "/nowhere/out", LOGS[0], phrase="/nowhere/out cannot be written")

    def test_says_that_the_disk_is_full(self):
        self.refused("--to=json", "-o", "/dev/full", LOGS[0], phrase="No space left")

    def test_reads_standard_input_and_writes_a_file(self):
        with open(LOGS[0], encoding="utf-8") as log:
            result = self.convert("json", "-o", self.path("out"), "-", stdin=log)
        self.assertEqual((result.stdout, result.stderr), ("", ""))
        with open(self.path("out"), encoding="utf-8") as text:
            self.assertEqual(text.read(), self.convert("json", LOGS[0]).stdout)
        self.assertIn("standard input:1: ", self.merged("-", input="x\n", status=1)[1])

    def test_takes_words_behind_two_dashes_for_files(self):
        log = self.log("--to", start(), finding())
        self.assertEqual(len(self.merged("--", os.path.basename(log), cwd=self.folder)[0]["findings"]), 1)

    def test_has_help(self):
        result = tool("convert", "--help")
        self.assertEqual(result.returncode, 0)
        self.assertIn("--source-root", result.stdout)

    def test_says_how_a_program_of_its_name_is_run(self):
        self.refused("in.png", "out.jpg", phrase="run convert")
        self.assertIn("run convert", tool("convert", "--help").stdout)
        self.assertIn("run diff", tool("diff", "--help").stdout)

    def test_converts_empty_logs(self):
        merged, said = self.merged(self.log("empty"))
        self.assertEqual((merged["findings"], merged["summary"]["processes"], said), ([], 0, ""))


if __name__ == "__main__":
    main()
