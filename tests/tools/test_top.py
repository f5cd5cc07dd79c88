#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard top --batch: what it counts, what becomes of the program's output and exit status, and what it refuses."""

import glob
import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import Settings, ToolTest, clean_env, main, tool, wait_for  # noqa: E402

REFUSED = 125

# Allocates at four sites a number of times that is known, waits for a line of standard input, and ends.
KNOWN = """#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void *kept[1000];
static char *text;
__attribute__((noinline)) void keep_some(void) { for (int i = 0; i < 500; i++) kept[i] = malloc(1000); }
__attribute__((noinline)) void churn(void) { for (int i = 0; i < 300; i++) free(malloc(64)); }
__attribute__((noinline)) void grow(void) { for (int i = 1; i <= 40; i++) text = realloc(text, 4000 * (size_t)i); }
int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IONBF, 0);
    keep_some();
    churn();
    grow();
    puts("has allocated");
    fputs("a warning\\n", stderr);
    for (int c = 0; argc > 1 && c != '\\n' && c != EOF;) {
        c = getchar();
    }
    puts("ends");
    if (argc > 1 && !strcmp(argv[1], "crash")) {
        abort();
    }
    return 3;
}
"""


class TopTest(ToolTest):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("tmp"))

    def env(self, **more):
        return clean_env(TMPDIR=self.path("tmp"), LC_ALL="C.UTF-8", **more)

    def known(self):
        return self.build("known", KNOWN, "-g", "-O1", "-fno-builtin")

    def top(self, *words, **keywords):
        return tool("top", *words, env=keywords.pop("env", None) or self.env(), cwd=self.folder, **keywords)

    def last_frame(self, result):
        """The lines of it, without what the program wrote behind."""
        frames = re.split(r"\n\n", result.stdout)
        return frames[-1].splitlines()

    def row(self, lines, site):
        """The figures in front of the site: live, growth, allocations and reallocs a second, moved, temporary."""
        found = [line for line in lines if re.search(rf"  {site}  known\.c:\d+$", line)]
        self.assertEqual(len(found), 1, lines)
        return re.split(r"  +", found[0].strip())


class Counts(TopTest):
    def test_tells_live_bytes_growth_moves_and_temporary_blocks_of_each_site(self):
        result = self.top("--batch", "--", self.known())
        self.assertEqual((result.returncode, result.stderr), (3, "a warning\n"))
        lines = self.last_frame(result)
        row = self.row(lines, "keep_some")
        self.assertEqual(row[:2] + row[3:6], ["500 kB", "+500 kB", "0", "0", "0"])
        row = self.row(lines, "churn")
        self.assertEqual(row[:2] + row[4:6], ["0 B", "0 B", "0", "300"])
        row = self.row(lines, "grow")
        self.assertEqual(row[:2], ["160 kB", "+160 kB"])
        self.assertGreater(int(row[4]), 0)
        self.assertLessEqual(int(row[4]), 39)
        self.assertTrue(any("known" in line and "ended with exit status 3" in line for line in lines), lines)
        self.assertTrue(any(re.match(r"live 66\d kB in 50\d blocks   peak 66\d kB", line) for line in lines), lines)

    def test_sorts_by_each_column(self):
        known = self.known()
        for column, first in (("live", "keep_some"), ("growth", "keep_some"), ("allocs", "keep_some"),
                              ("reallocs", "grow"), ("moved", "grow"), ("temporary", "churn")):
            lines = self.last_frame(self.top("--batch", "--sort", column, "--", known))
            heading = next(i for i, line in enumerate(lines) if line.endswith("  site"))
            self.assertIn("[", lines[heading])
            self.assertRegex(lines[heading + 1], rf"  {first}  known\.c:\d+$", column)

    def test_filters_and_limits_rows(self):
        result = self.top("-b", "--filter=CHU", "--", self.known())
        self.assertIn("  churn  ", result.stdout)
        self.assertNotIn("keep_some", result.stdout)
        result = self.top("-b", "--rows=1", "--", self.known())
        self.assertIn("  keep_some  ", result.stdout)
        self.assertNotIn("  churn  ", result.stdout)
        self.assertIn('no site contains "zebra"', self.top("-b", "--filter=zebra", "--", self.known()).stdout)

    def test_draws_without_utf8_where_that_is_not_understood(self):
        result = self.top("--batch", "--", self.known(), env={**self.env(), "LC_ALL": "C"})
        self.assertTrue(result.stdout.isascii())
        self.assertIn("#", result.stdout)

    def test_prints_as_many_frames_as_are_asked_for_and_waits_for_the_program(self):
        with subprocess.Popen([Settings.exe, "top", "--batch", "--interval=0.05", "--frames=3", "--",
                               self.known(), "wait"], env=self.env(), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as process:
            text = ""
            # What the program wrote comes behind the last frame.
            while "has allocated" not in text:
                text += process.stdout.readline()
            # Each tells that it runs, once it has come to its first allocation.
            frames = re.findall(r"^/.*/known(?: wait   pid \d+ .* running|(?: wait)?\nwaiting for its trace)$",
                                text, re.MULTILINE)
            self.assertEqual(len(frames), 3, text)
            self.assertIsNone(process.poll())
            rest = process.communicate("\n", timeout=60)[0]
            self.assertEqual((rest, process.returncode), ("ends\n", 3))

    def test_is_a_batch_where_standard_output_is_no_terminal(self):
        result = self.top("--", self.known())
        self.assertIn("  keep_some  known.c:", result.stdout)

    def test_shows_the_program_that_the_process_has_become(self):
        result = self.top("--batch", "--", "sh", "-c", "exec " + self.known())
        self.assertEqual(result.returncode, 3)
        self.assertIn("  keep_some  known.c:", "\n".join(self.last_frame(result)))


class Programs(TopTest):
    def test_write_what_they_write_to_where_it_is_meant_for(self):
        noise = self.build("noise", """#include <stdio.h>
int main(void) {
    for (int i = 0; i < 200000; i++) { printf("line %d\\n", i); }
    fputs("no newline", stdout);
    return 0;
}
""")
        result = self.top("--batch", "--", noise)
        self.assertEqual(result.returncode, 0)
        begin = result.stdout.index("line 0\n")
        self.assertEqual(result.stdout[begin:],
                         "".join(f"line {i}\n" for i in range(200000)) + "no newline")

    def test_that_are_killed_make_the_tool_end_like_them(self):
        result = self.top("--batch", "--", self.known(), "crash", input="\n")
        self.assertEqual(result.returncode, -signal.SIGABRT)
        self.assertIn("killed by SIGABRT", result.stdout)
        self.assertIn("ends\n", result.stdout)

    def test_are_ended_by_the_signal_that_ends_the_tool(self):
        with subprocess.Popen([Settings.exe, "top", "--batch", "--interval=0.05", "--", self.known(), "wait"],
                              env=self.env(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            self.assertTrue(any("pid " in line for line in process.stdout))
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
            self.assertEqual(process.returncode, -signal.SIGTERM)
        self.assertEqual(os.listdir(self.path("tmp")), [])

    def test_leave_traces_only_where_they_are_to_be_kept(self):
        known = self.known()
        self.top("--batch", "--", known)
        self.assertEqual(os.listdir(self.path("tmp")), [])
        result = self.top("--batch", "--keep=kept", "--", known)
        self.assertIn("the traces are in " + self.path("kept"), result.stderr)
        traces = glob.glob(self.path("kept/trace.*"))
        self.assertEqual(len(traces), 1)
        self.assertIn("keep_some", tool("trace", "summary", traces[0]).stdout)

    def test_take_options_of_the_guard(self):
        result = self.top("--batch", "--move=natural", "--", "sh", "-c", "echo $REALLOC_GUARD_OPTIONS")
        self.assertIn("move=natural:trace=", result.stdout)


class Attached(TopTest):
    def start(self, *options):
        program = subprocess.Popen([Settings.exe, *options, "--", self.known(), "wait"], env=self.env(),
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(program.wait)
        self.addCleanup(program.stdout.close)
        self.addCleanup(program.stdin.close)
        self.assertEqual(program.stdout.readline(), b"has allocated\n")
        return program

    def test_shows_what_a_process_has_done_so_far(self):
        program = self.start("--trace=" + self.path("trace"))
        # What it has just done is read a moment later.
        wait_for(lambda: "500 kB" in self.top("--batch", "--frames=1", f"-p{program.pid}").stdout)
        for words in (["-p", str(program.pid)], [f"-p{program.pid}"], [f"--pid={program.pid}"]):
            result = self.top("--batch", "--frames=1", *words)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertIn(f"pid {program.pid}", result.stdout)
            self.assertIn("running", result.stdout)
            self.assertEqual(self.row(result.stdout.splitlines(), "keep_some")[0], "500 kB")

    def test_ends_with_the_process(self):
        program = self.start("--trace=" + self.path("trace"))
        with subprocess.Popen([Settings.exe, "top", "-b", "--interval=0.05", f"-p{program.pid}"], env=self.env(),
                              stdout=subprocess.PIPE, text=True) as process:
            self.assertIn("running", process.stdout.readline())
            program.stdin.write(b"\n")
            program.stdin.flush()
            text = process.communicate(timeout=60)[0]
            self.assertEqual(process.returncode, 0)
            self.assertIn("has ended", text)

    def refused(self, pid, *phrases):
        result = self.top("-p", str(pid))
        self.assertEqual((result.returncode, result.stdout), (REFUSED, ""))
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertTrue(result.stderr.startswith("realloc-guard: top: "), result.stderr)
        for phrase in phrases:
            self.assertIn(phrase, result.stderr)

    def test_refuses_a_process_that_is_not_traced(self):
        with subprocess.Popen(["sleep", "100"]) as process:
            self.refused(process.pid, "does not run under the guard", "realloc-guard top -- PROGRAM")
            process.kill()
        self.refused(process.pid, f"there is no process {process.pid}")
        program = self.start()
        self.refused(program.pid, "without a trace", "--trace=PATH")

    def test_refuses_a_trace_that_was_removed(self):
        program = self.start("--trace=" + self.path("trace"))
        os.remove(glob.glob(self.path("trace.*"))[0])
        self.refused(program.pid, "removed", self.path("trace."))


class Refuses(TopTest):
    def refused(self, words, *phrases):
        result = self.top(*words)
        self.assertEqual((result.returncode, result.stdout), (REFUSED, ""), words)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertTrue(result.stderr.startswith("realloc-guard: "), result.stderr)
        for phrase in phrases:
            self.assertIn(phrase, result.stderr)

    def test_a_bad_command_line(self):
        self.refused([], "no program given", "-p PID")
        self.refused(["--"], "no program given")
        self.refused(["-p"], "-p has no value")
        self.refused(["-p", "x"], '"x"', "whole number")
        self.refused(["-p", "0"], '"0"')
        self.refused(["-p", "1", "true"], "leave one out")
        self.refused(["-p", "1", "--keep=x"], "--keep")
        self.refused(["-x", "true"], "unknown option -x")
        self.refused(["--zebra", "true"], "--zebra", "top --help")
        self.refused(["--interva=1", "true"], "did you mean --interval")
        self.refused(["--interval=0", "true"], '"0"', "seconds")
        self.refused(["--frames=0", "true"], '"0"')
        self.refused(["--sort=size", "true"], '"size"', "temporary")
        self.refused(["--trace=x", "true"], "--keep=DIR")
        self.refused(["--batch=1", "true"], "takes no value")
        self.refused(["--keep=/no/such/folder", "true"], "/no/such/folder")
        self.refused(["no-such-program-here"], "does not exist")
        self.refused(["--move=up", "true"], "always, natural")

    def test_prints_help(self):
        result = self.top("--help")
        self.assertEqual(result.returncode, 0)
        for word in ("--interval=SECONDS", "--frames=N", "--keep=DIR", "-p, --pid=PID"):
            self.assertIn(word, result.stdout)


if __name__ == "__main__":
    main()
