#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/integration/ctest.md: `ctest -T memcheck` with the guard in valgrind's place, and ctest with an emulator."""

import base64
import glob
import json
import os
import subprocess
import sys
import xml.etree.ElementTree
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from integration_support import EXITCODE, SYSTEM, IntegrationTest, Settings, main, tool  # noqa: E402

# In memcheck's place: writes a log that is there already.
COPY = """#!/bin/sh
for word; do
    case $word in --log-file=*) cp "$LOG" "${word#*=}" ;; esac
done
"""


class CTest(IntegrationTest):
    project = "ctest"

    def set_up(self, *words, **keywords):
        self.take(**keywords)
        self.run_in("cmake", "-S", ".", "-B", "build", "-DCMAKE_BUILD_TYPE=RelWithDebInfo", *words)
        self.run_in("cmake", "--build", "build")

    def memcheck(self, *words, status=0, **more):
        """Returns what was printed, and the element of DynamicAnalysis.xml."""
        output = self.run_in("ctest", "-T", "memcheck", *words, folder="build", status=status, **more)
        files = glob.glob(self.path("build/Testing/*/DynamicAnalysis.xml"))
        self.assertEqual(len(files), 1)
        return output, xml.etree.ElementTree.parse(files[0]).getroot().find("DynamicAnalysis")

    @staticmethod
    def log_of(test):
        log = test.find("Log")
        return zlib.decompress(base64.b64decode(log.text)).decode() if log.get("encoding") else log.text

    def assert_one_defect(self, output, analysis):
        self.assertRegex(output, r"test_short \.+ +Passed")
        self.assertRegex(output, r"test_long \.+ +Defects: 1\n")
        tests = analysis.findall("Test")
        self.assertEqual([(test.get("Status"), test.findtext("Name")) for test in tests], [("failed", "test_long")])
        defects = [(defect.get("type"), defect.text) for defect in tests[0].find("Results")]
        self.assertEqual(defects, [("Uninitialized Memory Read", "1")])
        self.assert_names_misuse(self.log_of(tests[0]))

    def test_memcheck_counts_the_misuse(self):
        self.set_up()
        self.run_in("ctest", folder="build")
        self.assert_one_defect(*self.memcheck(status=16))

    def test_memcheck_of_a_project_that_does_not_know_the_guard(self):
        self.take()
        self.write("CMakeLists.txt", self.read("CMakeLists.txt").replace("find_program", "# find_program"))
        self.run_in("cmake", "-S", ".", "-B", "build", "-DCMAKE_BUILD_TYPE=RelWithDebInfo")
        self.run_in("cmake", "--build", "build")
        command = f"MemoryCheckCommand={self.bin}/realloc-guard-as-valgrind"
        self.assert_one_defect(*self.memcheck("--overwrite", command, status=16))

    def test_memcheck_passes_where_there_is_none(self):
        self.set_up(cured=True)
        output, analysis = self.memcheck()
        self.assertIn("100% tests passed", output)
        self.assertNotIn("Defects:", output)
        self.assertEqual(analysis.findall("Test") + list(analysis.find("DefectList")), [])

    def test_memcheck_takes_suppressions(self):
        self.write("known.supp", "stale-read:text_add\n")
        self.set_up("-DMEMORYCHECK_SUPPRESSIONS_FILE=" + self.path("known.supp"))
        output, analysis = self.memcheck()
        self.assertIn("100% tests passed", output)
        self.assertEqual(list(analysis.find("DefectList")), [])

    def test_memcheck_counts_each_kind(self):
        subprocess.run([Settings.made_up, self.path("all.json"), self.path("all.txt")], check=True, timeout=60)
        words = ["convert", "--to=valgrind-log", "-o", self.path("all.log"), self.path("all.json")]
        self.assertEqual(tool(*words).returncode, 0)
        findings = json.loads(tool("convert", "--to=json", self.path("all.json")).stdout)["findings"]
        # CTest counts no leaks that only leaked blocks lead to.
        count = sum(f["finding"].get("leak", {}).get("direct_blocks") != 0 for f in findings)
        self.assertGreater(count, 40)
        self.write("copy-for-valgrind", COPY, 0o755)
        self.set_up("-DMEMORYCHECK_COMMAND=" + self.path("copy-for-valgrind"))
        output, _ = self.memcheck("-R", "short", LOG=self.path("all.log"))
        self.assertRegex(output, rf"Defects: {count}\n")
        # The bytes and blocks are those of the whole leak.
        leaks = [f["finding"]["leak"] for f in findings if "leak" in f["finding"]]
        with open(self.path("all.log"), encoding="utf-8") as file:
            log = file.read()
        self.assertGreater(len(leaks), 0)
        for leak in leaks:
            how, of = ("definitely", "direct") if leak["direct_blocks"] else ("indirectly", "indirect")
            self.assertIn(f" {leak[of + '_bytes']} bytes in {leak[of + '_blocks']} blocks are {how} lost in ", log)

    def test_emulator_runs_each_test_under_the_guard(self):
        emulator = f"-DCMAKE_CROSSCOMPILING_EMULATOR={self.bin}/realloc-guard;--"
        self.set_up(emulator)
        output = self.run_in("ctest", "--output-on-failure", "--output-junit", self.path("ctest.xml"), folder="build",
                             status=8)
        self.assert_names_misuse(output)
        root = xml.etree.ElementTree.parse(self.path("ctest.xml")).getroot()
        cases = {case.get("name"): case for case in root.iter("testcase")}
        self.assertEqual({name: case.get("status") for name, case in cases.items()},
                         {"test_short": "run", "test_long": "fail"})
        self.assert_names_misuse(cases["test_long"].findtext("system-out"))
        self.set_up(emulator, cured=True)
        self.assert_silent(self.run_in("ctest", "--verbose", folder="build"))


class AsValgrind(IntegrationTest):
    project = "make"

    def as_valgrind(self, *words, **keywords):
        return self.run_in("realloc-guard-as-valgrind", *words, **keywords)

    def log(self):
        return self.read("log")

    def test_writes_what_memcheck_would_open_a_report_with(self):
        self.take()
        self.run_in("make", "check")
        self.assertEqual(self.as_valgrind("--log-file=log", "-q", "./test_long", status=EXITCODE), "")
        lines = self.log().splitlines()
        self.assertRegex(lines[0], r"^==\d+== Invalid read of size \d+$")
        start = lines[0].split()[0]
        self.assertEqual([line for line in lines if not line.startswith(start)], [])
        self.assert_names_misuse(self.log())

    def test_makes_an_empty_log_where_nothing_is_wrong(self):
        self.assertEqual(self.as_valgrind("--log-file=log", "--tool=memcheck", "--", "sh", "-c", "echo $# \"$1\"", "x",
                                          "--log-file=y z"), "1 --log-file=y z\n")
        self.assertEqual(self.log(), "")

    def test_passes_on_the_status(self):
        self.as_valgrind("--log-file=log", "sh", "-c", "exit 9", status=9)
        self.take()
        self.run_in("make", "check")
        self.as_valgrind("--log-file=log", "--error-exitcode=3", "./test_long", status=3)

    def test_takes_logs_of_processes_that_the_program_starts(self):
        self.take()
        self.run_in("make", "check")
        self.as_valgrind("--log-file=log", "sh", "-c", "./test_long; ./test_long; exit 0")
        self.assertRegex(self.log(), r"met \d+ times in 2 processes")

    def test_is_found_by_another_name(self):
        os.symlink(os.path.join(self.bin, "realloc-guard-as-valgrind"), self.path("valgrind"))
        self.take()
        self.run_in("make", "check")
        self.run_in("./valgrind", "--log-file=log", "./test_long", status=EXITCODE, PATH=SYSTEM)
        self.assert_names_misuse(self.log())
        self.assertTrue(self.run_in("./valgrind", "--help").startswith("usage: "))

    def test_refuses_what_it_does_not_know(self):
        for words, phrase in ((["true"], "no --log-file=FILE"), (["--log-file=log", "--zebra", "true"], "--zebra"),
                              (["--log-file=log"], "no program"),
                              (["--log-file=/no/such/log", "true"], "/no/such/log")):
            output = self.as_valgrind(*words, status=125)
            self.assertIn(phrase, output)
            self.assertEqual(output.count("\n"), 1, output)


if __name__ == "__main__":
    main()
