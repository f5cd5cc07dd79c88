#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard convert --to valgrind-xml: read back by an existing reader, and built as what valgrind writes; and
--to valgrind-log: its lines, which CTest counts in tests/integration."""

import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from convert_support import ConvertTest, HERE, LOGS, finding, frame, start  # noqa: E402
from support import clean_env, main  # noqa: E402

# A read, a write and a free of what realloc has moved, and a block that nothing points to.
MISUSE = """#include <stdlib.h>
char *volatile lost;
int main(void) {
    char *volatile old = malloc(20);
    char *volatile moved = realloc(old, 100000);
    old[3] = old[2];
    free(old);
    lost = malloc(7);
    lost = NULL;
    return moved == NULL;
}
"""


def shape_of(root):
    """Which elements are in which, and behind which others."""
    inside, behind = set(), set()
    for parent in root.iter():
        names = [child.tag for child in parent]
        inside.update((parent.tag, name) for name in names)
        behind.update((parent.tag, *pair) for pair in zip(names, names[1:]))
    return inside, behind


class Valgrind(ConvertTest):
    def output(self, *words):
        self.convert("valgrind-xml", "-o", self.path("out.xml"), "--source-root=/home/me/app", *words)
        return self.path("out.xml")

    def read(self, *words):
        """What the parser of Test::Valgrind makes of it."""
        result = subprocess.run(["perl", os.path.join(HERE, "valgrind_xml.pl"), self.output(*words)],
                                stdout=subprocess.PIPE, timeout=60, check=False)
        if result.returncode == 77:
            self.skipTest("Debian's libtest-valgrind-perl is not installed")
        self.assertEqual(result.returncode, 0)
        return json.loads(result.stdout)

    def kinds(self, *findings):
        return [error["kind"] for error in self.read(self.log("log", start(), *findings))]

    def test_is_read_by_a_reader_of_others(self):
        errors = self.read(*LOGS)
        merged, _ = self.merged(*LOGS)
        self.assertEqual([error["id"] for error in errors],
                         ["0x" + found["fingerprint"].removeprefix("v1:").lstrip("0") for found in merged["findings"]])
        self.assertEqual([error["kind"] for error in errors], ["InvalidWrite", "InvalidWrite", "InvalidFree"])
        self.assertEqual(errors[0]["what"],
                         "stale write: table.c:25 uses a pointer that realloc moved away from at table.c:21")
        self.assertEqual([len(error["stack"]) for error in errors], [3, 1, 2])
        self.assertEqual(errors[0]["auxwhat"], "moved by realloc here")
        self.assertEqual(len(errors[0]["auxstack"]), 1)

    def test_tells_every_kind_as_one_that_readers_know(self):
        log = self.log("made up", *self.made_up())
        errors = self.read(log)
        self.assertEqual(len(errors), len(self.merged(log)[0]["findings"]))
        self.assertEqual({error["kind"] for error in errors},
                         {"InvalidRead", "InvalidWrite", "InvalidJump", "InvalidFree", "MismatchedFree", "ClientCheck",
                          "Leak_DefinitelyLost", "Leak_IndirectlyLost"})

    def test_tells_how_much_is_leaked(self):
        leak = dict(direct_bytes=40, direct_blocks=2, indirect_bytes=5, indirect_blocks=1, thread=0)
        self.assertEqual(self.kinds(finding(operation="exit", trouble="leak", leak=leak)), ["Leak_DefinitelyLost"])
        with open(self.path("out.xml"), encoding="utf-8") as file:
            text = file.read()
        self.assertIn("<leakedbytes>45</leakedbytes>", text)
        self.assertIn("<leakedblocks>3</leakedblocks>", text)

    def test_chooses_the_kind_by_what_was_done(self):
        self.assertEqual(self.kinds(finding(operation="read")), ["InvalidRead"])
        self.assertEqual(self.kinds(finding(operation="execution")), ["InvalidJump"])
        self.assertEqual(self.kinds(finding(operation="realloc")), ["InvalidFree"])
        self.assertEqual(self.kinds(finding(operation="free", trouble="family")), ["MismatchedFree"])
        self.assertEqual(self.kinds(finding(operation="free", trouble="news")), ["InvalidFree"])
        self.assertEqual(self.kinds(finding(operation="read", system_call={"function": "write", "argument": "buf"})),
                         ["SyscallParam"])
        self.assertEqual(self.kinds(finding(operation="realloc", trouble="zero")), ["ClientCheck"])

    def test_splits_paths_and_counts(self):
        log = self.log("log", start(), finding(stack=[frame("f", "/home/me/app/src/a.c"), frame("g", "/b.c"),
                                                      frame("h", "/home/me/app/c.c")]))
        root = xml.etree.ElementTree.parse(self.output(log)).getroot()
        frames = root.find("error/stack").findall("frame")
        self.assertEqual([(f.findtext("dir"), f.findtext("file")) for f in frames],
                         [("src", "a.c"), ("/", "b.c"), (None, "c.c")])
        root = xml.etree.ElementTree.parse(self.output(*LOGS)).getroot()
        self.assertEqual([pair.findtext("count") for pair in root.find("errorcounts")], ["3", "1", "1"])
        self.assertEqual([pair.findtext("unique") for pair in root.find("errorcounts")],
                         [error.findtext("unique") for error in root.findall("error")])
        self.assertEqual(root.findtext("pid"), "4711")

    def test_is_built_as_what_valgrind_writes(self):
        if not shutil.which("valgrind"):
            self.skipTest("valgrind is not installed")
        program = self.build("misuse", MISUSE, "-g")
        theirs = self.path("theirs.xml")
        subprocess.run(["valgrind", "--xml=yes", "--leak-check=full", f"--xml-file={theirs}", program], check=True,
                       env=clean_env(), timeout=120, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        names, orders = shape_of(xml.etree.ElementTree.parse(theirs).getroot())
        ours = xml.etree.ElementTree.parse(self.output(self.log("made up", *self.made_up()), *LOGS)).getroot()
        our_names, our_orders = shape_of(ours)
        # What protocol 4 allows and this run of valgrind has not.
        self.assertEqual(our_names - names, {("error", "threadname")})
        self.assertEqual(our_orders - orders - {
            ("error", "tid", "threadname"), ("error", "threadname", "kind"),
            # Of code that was made at run time, and of a file that is named without a folder.
            ("frame", "ip", "fn"), ("frame", "fn", "file"),
            # valgrind looks for leaks last.
            ("valgrindoutput", "status", "errorcounts")}, set())

    def test_has_neither_errors_nor_counts_where_nothing_was_found(self):
        root = xml.etree.ElementTree.parse(self.output(self.log("log", start()))).getroot()
        self.assertEqual((len(root.findall("error")), len(root.find("errorcounts"))), (0, 0))


class ValgrindLog(ConvertTest):
    def lines(self, *words):
        return self.convert("valgrind-log", *words).stdout.splitlines()

    def opening(self, **more):
        return self.lines(self.log("log", start(), finding(**more)))[0].removeprefix("==100== ")

    def test_opens_each_report_as_memcheck_does(self):
        for opening, more in {
            "Invalid write of size 8": {"access_size": 8},
            "Invalid read of size 0": {"operation": "read"},
            "Jump to the invalid address stated on the next line": {"operation": "execution"},
            "Invalid free() / delete / delete[] / realloc()": {"operation": "free"},
            "Mismatched free() / delete / delete []": {"operation": "free", "trouble": "family"},
            "Syscall param write(buf) points to unaddressable byte(s)":
                {"operation": "read", "system_call": {"function": "write", "argument": "buf"}},
            "7 bytes in 1 blocks are definitely lost in loss record 1 of 1":
                {"operation": "realloc", "trouble": "lost", "block": {"address": "0x7000", "size": 7}},
        }.items():
            self.assertEqual(self.opening(**more), opening)

    def test_has_the_process_in_front_of_each_line(self):
        lines = self.lines(self.log("made up", *self.made_up()), *LOGS)
        for line in lines:
            self.assertRegex(line, r"^==\d+== ")

    def test_says_the_rest_as_the_text_report_does(self):
        pids = {line.split()[0] for line in self.lines(*LOGS)}
        text = self.convert("text", *LOGS).stdout
        for line in self.lines(*LOGS):
            if " stale write: " in line or "=>" in line:
                start_of_line, rest = line.split(" ", 1)
                self.assertIn(start_of_line, pids)
                self.assertIn(rest, text)

    def test_is_empty_where_nothing_was_found(self):
        self.assertEqual(self.lines(self.log("log", start())), [])


if __name__ == "__main__":
    main()
