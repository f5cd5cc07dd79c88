#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard convert --to text: it says of each misuse what the guard's own text report says."""

import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from convert_support import ConvertTest, LOGS, again, finding, start, summary  # noqa: E402
from support import main  # noqa: E402
from as_text import finding_as_text  # noqa: E402

CONTROL = re.compile("[\0-\x1f\x7f-\x9f]")


class Text(ConvertTest):
    def test_reads_as_the_report_of_the_guard(self):
        lines = self.made_up()
        for log in LOGS:
            with open(log, encoding="utf-8") as text:
                lines += text.readlines()
        events = [event for event in map(json.loads, lines) if event["event"] == "finding"]
        kinds = {event["kind"] for event in events}
        self.assertGreater(len(kinds), 40)
        for number, event in enumerate(events, 1):
            # Each is one of its own, in this order.
            event.update(kind=f"{number}", pid=7, number=number)
        log = self.log("log", *(json.dumps(event) + "\n" for event in events))
        said = self.convert("text", log).stdout.split("\n")[2:]
        counts = [line for line in said if line.startswith("  met 1 time in 1 process; first in 7; fingerprint v1:")]
        self.assertEqual(len(counts), len(events))
        wanted = [CONTROL.sub("?", part) for event in events for part in finding_as_text(event)]
        self.assertEqual([line for line in said if line not in counts], [*wanted, ""])

    def test_begins_with_the_counts(self):
        log = self.log("log", start(100, 1795718736.5), finding(at=7), finding(number=2, at=9), again(4, number=2),
                       summary(3, 6, lapsed={"count": 3, "of": 9, "first_after": 1}), start(200))
        lines = self.convert("text", log).stdout.split("\n")
        self.assertEqual(lines[:6], [
            "realloc_guard: 1 distinct misuse (5 occurrences) in 1 process",
            "realloc_guard: 1 more occurrence of which the reports are missing",
            "realloc_guard: 3 blocks could not be sealed; uses of those were not seen",
            "",
            "==100== stale write: a.c:7 uses a pointer that realloc moved away from at a.c:3",
            lines[5]])
        self.assertRegex(lines[5], r"^  met 5 times in 1 process, 4 of these at a.c:9, 1 of these at a.c:7; first in 100 \(/app/prog\), begun "
                                   r"2026-11-26 18:45:36 UTC; fingerprint v1:[0-9a-f]{16}$")

    def test_says_that_there_is_nothing(self):
        self.assertEqual(self.convert("text", self.log("log", start())).stdout,
                         "realloc_guard: 0 distinct misuses (0 occurrences) in 0 processes\n\n")

    def test_leaves_terminals_alone(self):
        text = self.convert("text", self.log("log", finding(title="\x1b[31m\x9b\x7fred\n"))).stdout
        self.assertIn("==100== ?[31m??red?: ", text)


if __name__ == "__main__":
    main()
