#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard convert --to github, junit and sarif: read back by readers that know nothing of the guard."""

import json
import os
import re
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from convert_support import ConvertTest, HERE, LOGS, again, finding, frame, start  # noqa: E402
from support import main  # noqa: E402

SARIF_SCHEMA = os.path.join(HERE, "data", "sarif-2.1.0.schema.json")
ODD = 'a "b" <c> & d, 50%: e\r\nf \x01'
COMMAND = re.compile(r"::error (?:file=([^:,]*),line=(\d+),(?:col=(\d+),)?)?title=([^:,]*)::(.*)")


def unescaped(text):
    for mark, meant in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(mark, meant)
    return text


class MachineTest(ConvertTest):
    def output(self, form, *words, **keywords):
        return self.convert(form, "--source-root=/home/me/app", *words, **keywords).stdout

    def made_up_log(self):
        return self.log("made up", *self.made_up())

    def counted(self, *words):
        return len(self.merged(*words)[0]["findings"])


class Github(MachineTest):
    def commands(self, *words):
        lines = self.output("github", *words).splitlines()
        parts = [COMMAND.fullmatch(line) for line in lines]
        self.assertNotIn(None, parts)
        return [[unescaped(part or "") for part in match.groups()] for match in parts]

    def test_tells_each_misuse_at_its_line(self):
        commands = self.commands(*LOGS)
        self.assertEqual([command[:4] for command in commands],
                         [["src/table.c", "25", "9", "stale write"], ["src/name.c", "9", "14", "overrun"],
                          ["", "", "", "double free"]])
        text = commands[0][4].split("\n")
        self.assertEqual(text[:3], ["table.c:25 uses a pointer that realloc moved away from at table.c:21",
                                    "moved at table.c:21", "allocated at grow.h:8"])
        self.assertRegex(text[-1], r"^met 3 times in 1 process; fingerprint v1:[0-9a-f]{16}$")

    def test_escapes_what_would_end_a_command(self):
        log = self.log("log", finding(title=ODD, message=ODD, advice="100%", stack=[frame("f", "/a,b:c%.c")]))
        output = self.output("github", log)
        self.assertEqual(output.count("\n"), 1)
        self.assertEqual(output.count("::"), 2)
        command = self.commands(log)[0]
        self.assertEqual((command[0], command[3]), ("/a,b:c%.c", ODD.replace("\x01", "?")))
        self.assertTrue(command[4].startswith(ODD.replace("\x01", "?")))

    def test_tells_every_kind(self):
        log = self.made_up_log()
        # There is a bug of the guard's own, too.
        self.assertEqual(len(self.commands(log)), self.counted(log) + 1)

    def test_takes_the_next_frame_that_has_a_line(self):
        bare = {"pc": "0x1", "offset": "0x1", "module": "/lib/x.so"}
        log = self.log("log", finding(stack=[frame("memcpy", system=True), bare, frame("caller", number=44)]))
        self.assertEqual(self.commands(log)[0][1], "44")


class Junit(MachineTest):
    def suite(self, *words, status=0):
        return xml.etree.ElementTree.fromstring(self.output("junit", *words, status=status))

    def test_has_a_failed_test_for_each_misuse(self):
        suite = self.suite(*LOGS)[0]
        self.assertEqual({key: suite.get(key) for key in ("tests", "failures", "errors", "timestamp")},
                         {"tests": "4", "failures": "3", "errors": "0", "timestamp": "2026-11-26T18:45:36"})
        cases = suite.findall("testcase")
        self.assertEqual([len(case) for case in cases], [1, 1, 1, 0])
        self.assertEqual(cases[0].get("classname"), "realloc_guard.stale-write")
        self.assertRegex(cases[0].get("name"), r"^put_name \(table\.c\) v1:[0-9a-f]{16}$")
        failure = cases[0].find("failure")
        self.assertEqual(failure.get("message"), "table.c:25 uses a pointer that realloc moved away from at table.c:21")
        self.assertIn("\n    => #1 put_name  /home/me/app/src/table.c:25\n", failure.text)

    def test_is_read_by_junitparser(self):
        try:
            import junitparser
        except ImportError:
            self.skipTest("Debian's python3-junitparser is not installed")
        self.convert("junit", "-o", self.path("out.xml"), self.made_up_log(), *LOGS)
        suite = next(iter(junitparser.JUnitXml.fromfile(self.path("out.xml"))))
        counted = self.counted(self.made_up_log(), *LOGS)
        self.assertEqual((suite.tests, suite.failures, suite.errors, suite.skipped), (counted + 2, counted, 1, 0))
        results = [case.result for case in suite]
        self.assertEqual([len(result) for result in results], [1] * counted + [1, 0])
        self.assertIsInstance(results[-2][0], junitparser.Error)
        for result in results[:-2]:
            self.assertIsInstance(result[0], junitparser.Failure)
            self.assertTrue(result[0].type and result[0].message)

    def test_names_do_not_change_with_lines(self):
        names = [self.suite(self.log("log", finding(at=line)))[0][0].get("name") for line in (7, 70)]
        self.assertEqual(names[0], names[1])

    def test_keeps_odd_text(self):
        log = self.log("log", finding(title=ODD, message=ODD + "\t\uffff\x1b]0;", stack=[frame(ODD, ODD)]))
        failure = self.suite(log)[0][0].find("failure")
        self.assertEqual(failure.get("message"), ODD.replace("\x01", "\ufffd") + "\t\ufffd\ufffd]0;")

    def test_does_not_look_clean_where_logs_are_damaged(self):
        suite = self.suite(self.log("log", "x\n"), self.path("none"), status=1)[0]
        self.assertEqual((suite.get("tests"), suite.get("failures"), suite.get("errors")), ("1", "0", "1"))
        self.assertEqual(suite[0].find("error").get("message"), "1 lines and 1 files could not be read")

    def test_has_a_test_that_passes_where_there_is_nothing(self):
        suite = self.suite(self.log("log", start()))[0]
        self.assertEqual((suite.get("tests"), suite.get("failures"), len(suite[0])), ("1", "0", 0))


class Sarif(MachineTest):
    def run_of(self, *words, **keywords):
        log = json.loads(self.output("sarif", *words, **keywords))
        self.assertEqual(len(log["runs"]), 1)
        return log["runs"][0]

    def test_is_valid_by_the_official_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("Debian's python3-jsonschema is not installed")
        with open(SARIF_SCHEMA, encoding="utf-8") as text:
            validator = jsonschema.Draft202012Validator(json.load(text))
        for logs, status in (([*LOGS, self.made_up_log()], 0), ([self.log("empty")], 0), ([self.path("none")], 1)):
            sarif = json.loads(self.output("sarif", *logs, status=status))
            self.assertEqual([f"{error.json_path}: {error.message}" for error in validator.iter_errors(sarif)], [])

    def test_tells_where_and_how_each_misuse_came_about(self):
        results = self.run_of(*LOGS)["results"]
        result = results[0]
        self.assertEqual((result["ruleId"], result["occurrenceCount"]), ("stale-write", 3))
        self.assertEqual(result["locations"][0]["physicalLocation"],
                         {"artifactLocation": {"uri": "src/table.c", "uriBaseId": "SRCROOT"},
                          "region": {"startLine": 25, "startColumn": 9}})
        self.assertEqual([(place["message"]["text"], place["physicalLocation"]["artifactLocation"]["uri"],
                           place["physicalLocation"]["region"]["startLine"]) for place in result["relatedLocations"]],
                         [("moved by realloc here", "src/table.c", 21), ("allocated here", "src/grow.h", 8)])
        self.assertEqual([(stack["message"]["text"], len(stack["frames"])) for stack in result["stacks"]],
                         [("stale write", 3), ("moved by realloc here", 1), ("allocated here", 3)])
        self.assertEqual(results[2]["locations"][0]["physicalLocation"]["artifactLocation"],
                         {"uri": "tables", "uriBaseId": "SRCROOT"})

    def test_has_a_rule_with_help_for_each_kind_that_was_met(self):
        run = self.run_of(*LOGS, self.made_up_log())
        rules = run["tool"]["driver"]["rules"]
        self.assertGreater(len(rules), 40)
        self.assertEqual(len({rule["id"] for rule in rules}), len(rules))
        for rule in rules:
            self.assertTrue(rule["help"]["text"] and rule["shortDescription"]["text"])
            self.assertNotEqual(rule["help"]["text"], "See the message of the result.")
        for result in run["results"]:
            self.assertEqual(rules[result["ruleIndex"]]["id"], result["ruleId"])

    def test_has_the_fingerprints_of_the_other_formats(self):
        merged, _ = self.merged(*LOGS)
        self.assertEqual([result["partialFingerprints"] for result in self.run_of(*LOGS)["results"]],
                         [{"reallocGuard/v1": found["fingerprint"].removeprefix("v1:")} for found in merged["findings"]])

    def test_writes_paths_as_uris(self):
        log = self.log("log", finding(stack=[frame("f", "/home/me/app/a b/ü#%.c")]), again(3))
        run = self.run_of(log)
        self.assertEqual(run["originalUriBaseIds"], {"SRCROOT": {"uri": "file:///home/me/app/"}})
        self.assertEqual(run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
                         "a%20b/%C3%BC%23%25.c")
        run = json.loads(self.convert("sarif", "--source-root=", log).stdout)["runs"][0]
        self.assertNotIn("originalUriBaseIds", run)
        self.assertEqual(run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"],
                         {"uri": "file:///home/me/app/a%20b/%C3%BC%23%25.c"})
        log = self.log("log", finding(stack=[frame("f", "/usr/src/a.c")]))
        self.assertEqual(self.run_of(log)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"],
                         {"uri": "file:///usr/src/a.c"})

    def test_doubles_braces_in_messages(self):
        log = self.log("log", finding(message="f()::{lambda()#1} (prog) uses", stack=[frame("f()::{lambda()#1}")]))
        result = self.run_of(log)["results"][0]
        self.assertIn(" f()::{{lambda()#1}} (prog) uses", result["message"]["text"])
        self.assertEqual(result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"], "f()::{lambda()#1}")

    def test_is_never_nowhere(self):
        bare = {"pc": "0x1", "offset": "0x1"}
        for stack, place in (([], "file:///app/prog"), ([dict(bare, module="/app/lib.so")], "file:///app/lib.so")):
            result = self.run_of(self.log("log", start(), finding(stack=stack)))["results"][0]
            self.assertEqual(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], place)

    def test_says_that_logs_are_damaged(self):
        self.assertTrue(self.run_of(*LOGS)["invocations"][0]["executionSuccessful"])
        invocation = self.run_of(self.log("log", "x\n"), status=1)["invocations"][0]
        self.assertFalse(invocation["executionSuccessful"])
        self.assertEqual(len(invocation["toolExecutionNotifications"]), 1)


if __name__ == "__main__":
    main()
