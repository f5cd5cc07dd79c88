#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests the harness itself: a right report passes, and each way of being wrong is noticed."""

import argparse
import os
import unittest
from unittest import mock

import report
import run
from case import Case, Expected

LINES = {"access": 21, "moved": 15, "allocated": 10}
RIGHT = """\
==4711== stale write: /src/forgotten.c:21 in main uses a pointer moved at forgotten.c:15
  write of 32 bytes at 0x7f3c2a400010, at offset 0 of a block of 14 bytes, by thread 0 (tid 4711)
       #0 __strncpy_avx2 (libc.so.6+0x1234)
    => #1 main /src/forgotten.c:21
       #2 __libc_start_call_main (libc.so.6+0x271c9)
  moved by realloc from 14 to 32 bytes, to 0x7f3c2a410020, by thread 0
    => #0 main /src/forgotten.c:15
  the block is live at 0x7f3c2a410020 (32 bytes)
  allocated (14 bytes) by thread 0
    => #0 main /src/forgotten.c:10
  advice: the result of the realloc at forgotten.c:15 was not stored back
==4711== realloc_guard: 1 misuse reported (5 occurrences)
"""


def errors_of(text, **changes):
    """What the harness says about a run that reported text and was otherwise as expected."""
    fields = dict(status=86, stdout=b"text\naddress: today 0x7f3c2a410020\n", stderr=text.encode(),
                  guarded=["/bin/forgotten"], bare=[])
    fields.update(changes)
    args = argparse.Namespace(source="/elsewhere/forgotten.c", exe="/bin/forgotten", twin=None)
    case = Case(args.source, [Expected("stale write", LINES, "live")], texts=["offset 0"])
    native = run.guarded.Result(0, b"text\naddress: other\n", b"")
    with mock.patch.object(os.path, "realpath", lambda path: path):
        return run.check_guarded(args, case, native, run.guarded.Result(**fields))


class Harness(unittest.TestCase):
    def test_passes_a_right_report(self):
        self.assertEqual(errors_of(RIGHT), [])

    def test_notices_every_change_of_the_report(self):
        for right, wrong in (("stale write", "stale read"),
                             ("#1 main /src/forgotten.c:21", "#1 main /src/forgotten.c:22"),
                             ("/src/forgotten.c:21 in", "somewhere in"),
                             ("#0 main /src/forgotten.c:15", "#0 main /src/forgotten.c:16"),
                             ("#0 main /src/forgotten.c:10", "#0 main /src/other.c:10"),
                             ("    => #1 main", "       #1 main"),
                             ("       #0 __strncpy", "    => #0 __strncpy"),
                             ("  allocated (14", "  something else (14"),
                             ("is live at", "was lost at"),
                             ("0x7f3c2a410020", "0x7f3c2a410030"),
                             ("at offset 0 ", "at offset 8 "),
                             ("#0 __strncpy_avx2 (libc.so.6", "#0 guard (librealloc_guard.so"),
                             ("1 misuse reported", "2 misuses reported"),
                             (RIGHT, ""),
                             (RIGHT, RIGHT + RIGHT)):
            self.assertIn(right, RIGHT)
            self.assertTrue(errors_of(RIGHT.replace(right, wrong)), wrong)

    def test_notices_every_change_of_the_run(self):
        for change in (dict(status=0), dict(stdout=b"other\naddress: today 0x7f3c2a410020\n"),
                       dict(guarded=[]), dict(bare=["/bin/sh"])):
            self.assertTrue(errors_of(RIGHT, **change), change)

    def test_hides_what_differs_between_machines_and_nothing_else(self):
        other = (RIGHT.replace("4711", "99").replace("0x7f3c2a4", "0x7f0000a")
                 .replace("/src/", "/home/a/b/")
                 .replace("__strncpy_avx2 (libc.so.6+0x1234)", "__strncpy_evex (libc.so.6+0x99)")
                 .replace("write of 32 bytes", "write of 16 bytes").replace("5 occ", "3 occ"))
        self.assertEqual(report.normalise(RIGHT), report.normalise(other))
        for right, wrong in (("forgotten.c:15\n", "forgotten.c:16\n"), ("14 bytes", "15 bytes"),
                             ("#1 main", "#1 other"), ("advice: the", "advice: no")):
            changed = RIGHT.replace(right, wrong)
            self.assertNotEqual(report.normalise(RIGHT), report.normalise(changed))


if __name__ == "__main__":
    unittest.main()
