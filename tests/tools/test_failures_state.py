#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard failures: that it goes on where it was stopped, and what it does with state files."""

import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from failures_support import BAD, HEAD, FailuresTest, is_alive, ways  # noqa: E402
from support import Settings, clean_env, main, tool, wait_for  # noqa: E402

# Notes each run. It waits at its start while there is a file RUNS.hold.0, and where GROW(n) fails while there is a
# RUNS.hold.n; meanwhile there is a file held.now.
HELD = HEAD + """
static const char *runs;
static void hold(int run) {
    char bids[4096];
    snprintf(bids, sizeof bids, "%s.hold.%d", runs, run);
    while (access(bids, F_OK) == 0) {
        fclose(fopen("held.now", "w"));
        usleep(1000);
    }
}
#define GROW(n) do { char *q = realloc(kept, 100 + n); if (!q) hold(n); kept = q ? q : kept; } while (0)
int main(int argc, char **argv) {
    runs = argv[1];
    FILE *file = fopen(runs, "a");
    fprintf(file, "%d\\n", (int)getpid());
    fclose(file);
    hold(0);
    kept = malloc(10);
    GROW(1); GROW(2); GROW(3); GROW(4); GROW(5); GROW(6); GROW(7); GROW(8);
    puts("done");
    return argc - 2;
}
"""


class State(FailuresTest):
    def setUp(self):
        super().setUp()
        self.held = self.program("held", HELD)
        self.state = self.path("realloc-guard-failures.tsv")

    def words(self):
        return ["failures", "--first=0", "--jobs=1", "--", self.held, self.path("runs")]

    def start(self, run):
        """Starts it and waits until it is in that run."""
        self.hold = self.write(f"runs.hold.{run}", "")
        process = subprocess.Popen([Settings.exe, *self.words()], env=clean_env(), cwd=self.folder,
                                   encoding="utf-8", stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        wait_for(os.path.exists, self.path("held.now"))
        return process

    def let_go(self):
        os.remove(self.hold)
        os.remove(self.path("held.now"))

    def count_cases(self):
        if not os.path.exists(self.state):
            return 0
        with open(self.state, encoding="utf-8") as file:
            return sum(line.startswith("case\t") and line.endswith("\n") for line in file)

    def pids(self):
        with open(self.path("runs"), encoding="utf-8") as file:
            return [int(line) for line in file]

    def resume(self):
        words = self.words()
        return tool("failures", "--resume", *words[1:], cwd=self.folder)

    def check_resumed(self):
        self.let_go()
        before = self.count_cases()
        self.assertEqual(before, 2)
        runs = len(self.pids())
        result = self.resume()
        self.ended(result, 0)
        self.assertIn("8 of 8 runs: 8 survived", result.stdout)
        self.assertEqual(len(self.pids()) - runs, 8 - before)

    def test_goes_on_after_it_was_killed(self):
        process = self.start(3)
        process.kill()
        process.communicate(timeout=60)
        # The kernel ends the child with it, a moment later.
        wait_for(lambda: not any(is_alive(pid) for pid in self.pids()))
        with open(self.state, "a", encoding="utf-8") as file:
            file.write("case\tsite:cut")  # as if it had been killed within a line
        self.check_resumed()
        # All is known now: nothing runs.
        runs = len(self.pids())
        self.assertIn("8 of 8 runs", self.resume().stdout)
        self.assertEqual(len(self.pids()), runs)

    def test_stops_on_signals_and_goes_on(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start(3)
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, -number, err)
            self.assertRegex(out, r"\n2 of 8 runs: 2 survived\n")
            self.assertIn("--resume goes on", err)
            self.assertFalse(any(is_alive(pid) for pid in self.pids()))
            self.check_resumed()
            os.remove(self.state)

    def test_begins_anew_where_the_first_run_was_not_over(self):
        process = self.start(0)
        process.kill()
        process.communicate(timeout=60)
        self.assertEqual(self.count_cases(), 0)
        self.let_go()
        result = self.resume()
        self.ended(result, 0)
        self.assertIn("8 of 8 runs", result.stdout)

    def test_leaves_no_state_where_the_first_run_fails(self):
        program = self.program("dies", HEAD + "int main(void) { return raise(SIGTERM); }\n")
        self.refused(self.failures(program), "SIGTERM", "no realloc fails")
        self.assertFalse(os.path.exists(self.state))

    def test_keeps_reports(self):
        program = self.program("ways", ways("crashes"))
        first = self.failures("--first=1", program)
        again = self.failures("--first=1", "--resume", program)
        self.ended(again, BAD)
        self.assertEqual(first.stdout, again.stdout)
        self.assertIn("==", again.stdout)

    def test_refuses_a_state_file_that_is_not_its_own(self):
        program = self.program("ways", ways("survives"))
        self.ended(self.failures("--first=1", program), 0)
        with open(self.state, encoding="utf-8") as file:
            before = file.read()
        self.refused(self.failures(program), "exists already", "--resume", "--restart")
        self.refused(self.failures("--resume", program, "argument"), "of another command")
        self.refused(self.failures("--resume", "--seal_freed=1", program), "of another command")
        self.refused(self.failures("--resume", self.held, self.path("runs")), "of another command")
        os.utime(program)  # touched only
        self.ended(self.failures("--first=1", "--resume", program), 0)
        self.program("ways", ways("survives", "refuses"))
        self.refused(self.failures("--resume", program), program + " has changed since")
        with open(self.state, encoding="utf-8") as file:
            self.assertEqual(file.read(), before)
        result = self.failures("--first=1", "--restart", program)
        self.ended(result, 0)
        self.assertEqual(len(self.rows(result)), 3)

    def test_refuses_a_library_that_has_changed(self):
        code = self.write("grow.c", "#include <stdlib.h>\nvoid *grow(void *p) {\n"
                          "void *q = realloc(p, 99);\nreturn q ? q : p;\n}\n")
        library = self.path("libgrow.so")
        build = ["gcc", "-g", "-shared", "-fPIC", code, "-o", library]
        subprocess.run(build, check=True)
        program = self.build("user", "void *grow(void *p);\nint main(void) { return !grow(0); }\n",
                             "-Wl,--no-as-needed", library)
        self.ended(self.failures("--first=0", program), 0)
        subprocess.run([*build, "-O2"], check=True)
        self.refused(self.failures("--resume", program), library + " has changed since")

    def test_never_overwrites_other_files(self):
        program = self.program("ways", ways("survives"))
        other = self.write("other", "mine\n")
        for words in ([], ["--resume"], ["--restart"]):
            self.refused(self.failures("--state=other", *words, program), "left alone")
        with open(other, encoding="utf-8") as file:
            self.assertEqual(file.read(), "mine\n")
        self.refused(self.failures("--state=/dev/null", "--restart", program), "left alone")
        self.refused(self.failures("--state=/no/such/folder/x", program), "No such file")
        self.refused(self.failures("--state=.", program), "directory")

    def test_refuses_what_another_one_is_writing_to(self):
        process = self.start(1)
        self.refused(self.resume(), "another realloc-guard is writing")
        process.kill()
        process.communicate(timeout=60)


if __name__ == "__main__":
    main()
