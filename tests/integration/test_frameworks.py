#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/integration/frameworks.md: GoogleTest, and Check, which runs each test in a child."""

import os
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from integration_support import EXITCODE, IntegrationTest, main  # noqa: E402

CHECK = "{http://check.sourceforge.net/ns}"


class Check(IntegrationTest):
    project = "check"

    def results(self):
        tests = xml.etree.ElementTree.parse(self.path("check.xml")).getroot().iter(CHECK + "test")
        return {test.findtext(CHECK + "id"): (test.get("result"), test.findtext(CHECK + "message")) for test in tests}

    def test_the_child_that_misused_a_pointer_is_a_test_that_failed(self):
        self.take()
        self.run_in("make", "check")
        output = self.run_in("make", "check-guard", status=2)
        self.assert_names_misuse(output)
        self.assertEqual(self.results(), {"leaves_out_what_is_the_same": ("success", "Passed"),
                                          "grows_past_its_room": ("error", f"Early exit with return value {EXITCODE}")})

    def test_without_children_the_run_fails(self):
        self.take()
        output = self.run_in("make", "check-guard", status=2, CK_FORK="no")
        self.assert_names_misuse(output)
        self.assertIn("100%: Checks: 2, Failures: 0, Errors: 0", output)
        self.assertIn(f"Error {EXITCODE}", output)

    def test_passes_without_a_word_where_none_did(self):
        self.take(cured=True)
        for fork in ("yes", "no"):
            output = self.run_in("make", "check-guard", CK_FORK=fork)
            self.assert_silent(output)
            self.assertEqual({result for result, _ in self.results().values()}, {"success"})


class GoogleTest(IntegrationTest):
    project = "gtest"

    def set_up(self, **keywords):
        self.take(**keywords)
        self.make()

    def make(self):
        self.run_in("cmake", "-S", ".", "-B", "build", "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                    "-DCMAKE_PREFIX_PATH=" + os.path.dirname(self.bin))
        self.run_in("cmake", "--build", "build")

    def test_each_test_is_one_of_ctest(self):
        self.set_up()
        self.run_in("ctest", folder="build")
        output = self.run_in("ctest", "-T", "memcheck", folder="build", status=16)
        self.assertRegex(output, r"Text\.LeavesOutWhatIsTheSame \.+ +Passed")
        self.assertRegex(output, r"Text\.GrowsPastItsRoom \.+ +Defects: 1\n")

    def test_the_test_that_misused_a_pointer_fails_with_the_report(self):
        self.set_up()
        self.run_in("build/test_text")
        words = ["build/test_text", "--gtest_output=xml:gtest.xml"]
        output = self.run_in("realloc-guard", "--log-path=guard.%p.log", "--", *words, status=EXITCODE)
        self.assertRegex(output, r"\[ +OK \] Text\.LeavesOutWhatIsTheSame ")
        self.assertRegex(output, r"\[ +FAILED +\] Text\.GrowsPastItsRoom ")
        root = xml.etree.ElementTree.parse(self.path("gtest.xml")).getroot()
        cases = {case.get("name"): case for case in root.iter("testcase")}
        self.assertEqual(len(cases["LeavesOutWhatIsTheSame"]), 0)
        self.assert_names_misuse(cases["GrowsPastItsRoom"].findtext("failure"))
        # The guard has it too.
        logs = [name for name in os.listdir(self.folder) if name.startswith("guard.") and name.endswith(".log")]
        self.assertEqual(len(logs), 1)
        self.assert_names_misuse(self.read(logs[0]))

    def test_the_run_fails_without_the_listener(self):
        self.take()
        self.write("CMakeLists.txt", self.read("CMakeLists.txt").replace(" guard_listener.cpp", ""))
        self.make()
        output = self.run_in("realloc-guard", "--", "build/test_text", status=EXITCODE)
        self.assertIn("PASSED", output)
        self.assert_names_misuse(output)

    def test_passes_without_a_word_where_none_did(self):
        self.set_up(cured=True)
        output = self.run_in("ctest", "-T", "memcheck", folder="build")
        self.assertNotIn("Defects:", output)
        self.assert_silent(self.run_in("realloc-guard", "--", "build/test_text"))


if __name__ == "__main__":
    main()
