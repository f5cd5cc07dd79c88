#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/integration/github.md and gitlab.md: what is there to be copied is well-formed, and does what it says.

The workflow of GitHub is looked at by actionlint, and its commands are run here one after the other, as GitHub does,
but for those that install. gitlab-ci-local reads and runs that of GitLab.
"""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from integration_support import (HERE, MISUSE_LINE, PLACE, SENTENCE, SYSTEM, IntegrationTest, clean_env,  # noqa: E402
                                 main)

import yaml  # noqa: E402

READERS = os.path.join(HERE, "..", "..", "scripts", "install-ci-readers")
WORKFLOW = os.path.join(HERE, "github", "guard.yml")
PIPELINE = os.path.join(HERE, "gitlab", ".gitlab-ci.yml")
YAMLLINT = "{extends: default, rules: {document-start: disable, line-length: {max: 120}, truthy: {check-keys: false}}}"
# What a step may ask of those before it, and of why it runs.
CONDITIONS = {
    None: lambda failed, event: not failed,
    "${{ !cancelled() }}": lambda failed, event: True,
    "${{ !cancelled() && github.event_name == 'schedule' }}": lambda failed, event: event == "schedule",
}
IS_INSTALLED = "Install realloc_guard"


class ServicesTest(IntegrationTest):
    def take(self, project="make", cured=False):
        """The project of make.md, with what the service reads."""
        super().take(project, cured)

    def readers(self):
        """The folder of the npm packages. They are fetched once; only where that cannot be is a test skipped."""
        result = subprocess.run([READERS], stdout=subprocess.PIPE, encoding="utf-8", check=False, timeout=500)
        if result.returncode:
            self.skipTest("scripts/install-ci-readers cannot fetch what it needs")
        return result.stdout.strip()


class Form(ServicesTest):
    def test_yaml_is_free_of_lint(self):
        self.run_in("/usr/bin/yamllint", "--strict", "-d", YAMLLINT, WORKFLOW, PIPELINE)

    def lint(self, file, status):
        return self.run_in("node", os.path.join(HERE, "lint", "lint_workflow.mjs"), self.readers(), file, status=status)

    def test_workflow_is_right_for_actionlint(self):
        self.assertEqual(self.lint(WORKFLOW, status=0), "")

    def test_actionlint_sees_what_is_wrong(self):
        with open(WORKFLOW, encoding="utf-8") as file:
            text = file.read()
        for right, wrong in (("!cancelled()", "!cancelledd()"), ("github.event_name", "github.event_nam"),
                             ("runs-on", "run-on")):
            self.assertIn(right, text)
            self.assertIn("guard.yml:", self.lint(self.write("guard.yml", text.replace(right, wrong)), status=1), right)

    def test_commands_are_right_for_shellcheck(self):
        with open(WORKFLOW, encoding="utf-8") as file:
            jobs = yaml.safe_load(file)["jobs"]
        with open(PIPELINE, encoding="utf-8") as file:
            pipeline = yaml.safe_load(file)
        scripts = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
        scripts += [command for job in pipeline.values() for part in ("before_script", "script")
                    for command in job.get(part, [])]
        self.assertGreater(len(scripts), 5)
        for script in scripts:
            self.run_in("shellcheck", "--shell=sh", self.write("script", script))


class GitHub(ServicesTest):
    def run_job(self, event="push"):
        """Runs the steps of the job; returns the names of those that failed, and what each printed."""
        with open(WORKFLOW, encoding="utf-8") as file:
            steps = yaml.safe_load(file)["jobs"]["guard"]["steps"]
        failed, printed = [], {}
        for step in steps:
            is_wanted = CONDITIONS[step.get("if")](failed, event)
            if "run" not in step or step["name"] == IS_INSTALLED or not is_wanted:
                continue
            script = self.write("step.sh", step["run"])
            result = subprocess.run(["sh", "-e", script], cwd=self.folder, env=self.env(CI="true"), timeout=240,
                                    encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            printed[step["name"]] = result.stdout
            if result.returncode:
                failed.append(step["name"])
        return failed, printed

    def test_shows_the_misuse_at_its_line(self):
        self.take()
        failed, printed = self.run_job()
        self.assertEqual(failed, ["Test under the guard"])
        annotation = printed["Show misuses at their lines"]
        self.assertRegex(annotation, rf"^::error file=text\.c,line={MISUSE_LINE},col=\d+,title=stale read::")
        self.assertIn(PLACE, annotation)
        with open(self.path("guard.sarif"), encoding="utf-8") as file:
            results = json.load(file)["runs"][0]["results"]
        self.assertEqual([result["ruleId"] for result in results], ["stale-read"])
        place = results[0]["locations"][0]["physicalLocation"]
        self.assertEqual((place["artifactLocation"]["uri"], place["region"]["startLine"]), ("text.c", MISUSE_LINE))
        self.assertIn(SENTENCE, self.read("guard.html"))

    def test_passes_where_there_is_none(self):
        self.take(cured=True)
        failed, printed = self.run_job()
        self.assertEqual(failed, [], printed)
        self.assertNotIn("::error", printed["Show misuses at their lines"])
        with open(self.path("guard.sarif"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["runs"][0]["results"], [])

    def test_lets_realloc_fail(self):
        self.take(cured=True)
        failed, printed = self.run_job("schedule")
        self.assertEqual(failed, [], printed)
        self.assertIn("refused", printed["Let each realloc fail"])
        # A library that does not look at what realloc returns.
        self.write("text.c", self.read("text.c").replace("if (!start) {", "if (0) {"))
        failed, printed = self.run_job("schedule")
        self.assertEqual(failed, ["Let each realloc fail"], printed)
        self.assertRegex(printed["Let each realloc fail"], r"site 1 .* crashed +SIGSEGV")


class GitLab(ServicesTest):
    def run_local(self, *words, status=0, **more):
        """Runs gitlab-ci-local, which wants a repository with a remote."""
        for words_of_git in (["init", "-q", "-b", "main"], ["add", "."],
                             ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "All"],
                             ["remote", "add", "origin", "git@git.example.org:group/text.git"]):
            self.run_in("git", *words_of_git)
        output = self.run_in("node", os.path.join(self.readers(), ".bin", "gitlab-ci-local"), "--no-color",
                             "--force-shell-executor", "--shell-isolation", *words, status=status, HOME=self.folder,
                             **more)
        return re.sub(r"\x1b\[[0-9;]*m", "", output)

    def take(self, project="gitlab", cured=False):
        super().take("make", cured)
        super().take(project, cured)

    def junit(self):
        """What GitLab would take as the report, which gitlab-ci-local leaves where it was made."""
        name = yaml.safe_load(self.read(".gitlab-ci.yml"))["guard"]["artifacts"]["reports"]["junit"]
        return xml.etree.ElementTree.parse(self.path(".gitlab-ci-local/builds/guard/" + name)).getroot()

    def test_keeps_the_misuse_as_a_failed_test(self):
        self.take()
        output = self.run_local("guard", status=1)
        self.assertIn("not ok test_long", output)
        cases = [case for case in self.junit().iter("testcase") if len(case)]
        self.assertEqual([case.get("classname") for case in cases], ["realloc_guard.stale-read"])
        self.assert_names_misuse(cases[0].findtext("failure"))
        self.assertIn(SENTENCE, self.read(".gitlab-ci-local/artifacts/guard/guard.html"))

    def test_passes_where_there_is_none(self):
        self.take(cured=True)
        self.run_local("guard")
        self.assertEqual([len(case) for case in self.junit().iter("testcase")], [0])

    def test_lets_realloc_fail_in_scheduled_runs(self):
        self.take(cured=True)
        output = self.run_local("failures", "--variable", "CI_PIPELINE_SOURCE=schedule")
        self.assertIn("refused", output)

    def test_a_wrong_pipeline_is_refused(self):
        self.take()
        self.write(".gitlab-ci.yml", self.read(".gitlab-ci.yml").replace("when: always", "when: sometimes"))
        self.assertIn("guard.artifacts.when", self.run_local("--list", status=1))


if __name__ == "__main__":
    main()
