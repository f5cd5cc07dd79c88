#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard convert --to suppressions: what it writes leaves out the findings that it was made of, and no others."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from convert_support import ConvertTest, HERE, LOGS, finding, frame, start  # noqa: E402
from support import main  # noqa: E402


class Suppressions(ConvertTest):
    def output(self, *words, **keywords):
        return self.convert("suppressions", *words, **keywords).stdout

    def lines(self, *words):
        return [line for line in self.output(*words).splitlines() if not line.startswith("#")]

    def build(self):
        program = self.path("strange_names")
        subprocess.run(["g++", "-g", "-O0", "-w", "-fno-builtin", os.path.join(HERE, "strange_names.cpp"), "-o", program],
                       check=True, timeout=120)
        return program

    def findings(self, log):
        with open(log, encoding="utf-8") as lines:
            return [line for line in lines if json.loads(line)["event"] == "finding"]

    def signature(self, line):
        event = json.loads(line)
        return event["kind"], event["message"], len(event["stack"])

    def test_each_finding_is_left_out_by_its_line_and_no_other_is(self):
        program = self.build()
        found = self.findings(self.guarded(program))
        self.assertEqual(len(found), 10)
        for number, line in enumerate(found):
            text = self.output(self.log(f"one-{number}", line))
            path = self.write(f"known-{number}", text)
            left = self.findings(self.guarded(program, suppressions=f"'{path}'"))
            wanted = [self.signature(other) for i, other in enumerate(found) if i != number]
            self.assertEqual([self.signature(other) for other in left], wanted, text)

    def test_says_where_functions_are_not_known(self):
        log = self.guarded(self.build(), symbolize=0)
        text = self.output(log)
        self.assertIn("# names of functions are missing: it leaves out others of these modules, too\n", text)
        left = self.guarded(self.path("strange_names"), symbolize=0, suppressions=f"'{self.write('known', text)}'")
        self.assertEqual(self.findings(left), [])

    def test_all_are_left_out(self):
        program = self.build()
        log = self.guarded(program)
        text = self.output(log)
        self.assertEqual(len([line for line in text.splitlines() if not line.startswith("#")]), 10)
        self.assertEqual(len([line for line in text.splitlines() if line.startswith("# stale")]), 9)
        left = self.guarded(program, suppressions=f"'{self.write('known', text)}'")
        self.assertEqual(self.findings(left), [])

    def test_says_what_each_line_is(self):
        log = self.log("log", start(), finding(title="stale write", function="use"))
        self.assertEqual(self.output(log).splitlines(), [
            "# stale write: a.c:7 uses a pointer that realloc moved away from at a.c:3 (1 time); fingerprint "
            + self.merged(log)[0]["findings"][0]["fingerprint"],
            "stale-write:frames: ^use$;^main$"])

    def test_what_cannot_be_written_is_any_text(self):
        log = self.log("log", finding(stack=[frame("a;b\nc"), frame(" spaces "), frame("bad\ufffd")]))
        self.assertEqual(self.lines(log), ["stale-write:frames: ^a*b*c$;^ spaces $;^bad*$"])

    def test_system_frames_above_are_their_modules(self):
        stack = [frame("__memmove_avx", module="/lib/libc.so.6", system=True), frame("use"),
                 frame("qsort", module="/lib/libc.so.6", system=True)]
        self.assertEqual(self.lines(self.log("log", finding(stack=stack))),
                         ["stale-write:frames: ^libc.so.6$;^use$;^qsort$"])

    def test_an_overrun_is_known_by_its_allocation(self):
        line = next(line for line in self.lines(*LOGS) if line.startswith("overrun:"))
        merged = self.merged(*LOGS)[0]["findings"]
        (overrun,) = [item["finding"] for item in merged if item["finding"]["kind"] == "overrun"]
        self.assertIn(f"^{overrun['block']['allocated']['stack'][0]['function']}$", line)

    def test_what_no_line_can_name_is_a_comment(self):
        unnamed = {"pc": "0x1", "offset": "0x1"}
        log = self.log("log", finding(stack=[]), finding(number=2, stack=[unnamed]), finding(number=3, kind="no:kind\n*"))
        self.assertEqual(self.lines(log), [])
        self.assertEqual(self.output(log).count("# no line can name this one"), 3)

    def test_a_long_stack_is_cut_to_what_a_line_holds(self):
        own = self.log("own", finding(stack=[frame(f"f{i}") for i in range(60)]))
        self.assertEqual(self.lines(own), ["stale-write:frames: " + ";".join(f"^f{i}$" for i in range(8))])
        system = [frame("s" * 190 + str(i), system=True) for i in range(60)]
        (line,) = self.lines(self.log("log", finding(stack=[frame("use"), *system])))
        self.assertLessEqual(len(line), 4096)
        self.assertGreater(len(line), 3700)

    def test_a_function_that_calls_itself_may_do_so_any_number_of_times(self):
        log = self.log("log", finding(stack=[frame("f"), frame("f"), frame("f"), frame("main")]))
        self.assertEqual(self.lines(log), ["stale-write:frames: ^f$;*;^main$"])

    def test_the_same_line_is_written_once(self):
        blocks = [{"block": {"size": size, "allocated": {"place": "x", "stack": [frame(f"make{size}")]}}} for size in (1, 2)]
        log = self.log("log", *(finding(number=i + 1, **block) for i, block in enumerate(blocks)))
        self.assertEqual(len(self.merged(log)[0]["findings"]), 2)
        self.assertEqual(self.lines(log), ["stale-write:frames: ^use$;^main$"])

    def test_a_message_ends_no_comment(self):
        output = self.output(self.log("log", finding(message="a\n*:*", title="b\r*:*")))
        self.assertEqual(len(output.splitlines()), 2)


if __name__ == "__main__":
    main()
