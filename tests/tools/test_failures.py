#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard failures: the outcomes it tells apart, its options, and that it refuses in one line what it
cannot do."""

import os
import pty
import re
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from failures_support import BAD, HEAD, WAYS, FailuresTest, is_alive, ways  # noqa: E402
from support import Settings, clean_env, main, tool  # noqa: E402


class Outcomes(FailuresTest):
    def one(self, name, *words):
        program = self.program("ways", ways(name))
        return self.failures("--first=0", *words, program)

    def test_survived(self):
        result = self.one("survives")
        self.ended(result, 0)
        self.assertEqual(self.outcome(result, "survives")[0], "survived")
        self.assertIn("ways.c:", self.outcome(result, "survives")[1])
        self.assertIn("first run: exit status 0", result.stdout)
        self.assertIn("1 of 1 runs: 1 survived", result.stdout)

    def test_refused(self):
        result = self.one("refuses")
        self.ended(result, 0)
        outcome, line = self.outcome(result, "refuses")
        self.assertEqual(outcome, "refused")
        self.assertIn("exit status 2", line)
        self.assertIn('"ways: no memory"', line)

    def test_refused_with_another_output_alone(self):
        result = self.one("hides")
        self.ended(result, 0)
        outcome, line = self.outcome(result, "hides")
        self.assertEqual(outcome, "refused")
        self.assertIn("other output, no message", line)
        self.assertIn("\n1 wrote something else and ended as before", result.stdout)

    def test_crashed(self):
        result = self.one("crashes")
        self.ended(result, BAD)
        outcome, line = self.outcome(result, "crashes")
        self.assertEqual(outcome, "crashed")
        self.assertIn("SIGSEGV", line)
        self.assertRegex(result.stdout, r"==\d+== realloc_guard: realloc to 66 bytes at ways.c:\d+ "
                         "fails, as fail_realloc asks")
        self.assertIn("crash after a failed realloc", result.stdout)

    def test_crashed_by_abort(self):
        result = self.one("aborts")
        self.ended(result, BAD)
        outcome, line = self.outcome(result, "aborts")
        self.assertEqual(outcome, "crashed")
        self.assertIn("SIGABRT", line)

    def test_lost_a_block(self):
        result = self.one("loses")
        self.ended(result, BAD)
        outcome, line = self.outcome(result, "loses")
        self.assertEqual(outcome, "lost a block")
        self.assertIn("goes on as before", line)
        self.assertRegex(result.stdout, r"==\d+== lost block: ")

    def test_misused_memory(self):
        result = self.one("misuses")
        self.ended(result, BAD)
        outcome, line = self.outcome(result, "misuses")
        self.assertEqual(outcome, "misused memory")
        self.assertIn("double free", line)

    def test_hung(self):
        result = self.one("hangs", "--timeout=2")
        self.ended(result, BAD)
        outcome, line = self.outcome(result, "hangs")
        self.assertEqual(outcome, "hung")
        self.assertIn("killed after 2", line)

    def test_wrote_without_end(self):
        source = HEAD + """int main(void) {
    char *q = realloc(NULL, 70);
    while (!q) {
        puts("a line of some length, which is written again and again and again");
    }
    return 0;
}
"""
        result = self.failures("--first=0", self.program("endless", source))
        self.ended(result, BAD)
        self.assertIn("hung", self.outcome(result, "main")[0])
        self.assertIn("wrote without end", result.stdout)

    def test_not_reached(self):
        source = HEAD + """int main(int argc, char **argv) {
    if (access(argv[1], F_OK) != 0) {
        fclose(fopen(argv[1], "w"));
        kept = realloc(NULL, 10);
    }
    return argc - 2;
}
"""
        result = self.failures("--first=0", self.program("once", source), self.path("marker"))
        self.ended(result, 0)
        self.assertEqual(self.outcome(result, "main")[0], "not reached")

    def test_all_in_one_program(self):
        program = self.program("ways", ways(*WAYS))
        result = self.failures("--timeout=3", "--first=3", program)
        self.ended(result, BAD)
        found = {name: self.outcome(result, name)[0] for name in WAYS}
        self.assertEqual(found, {
            "survives": "survived", "refuses": "refused", "crashes": "crashed",
            "loses": "lost a block", "hangs": "hung", "misuses": "misused memory",
            "aborts": "crashed", "hides": "refused"})
        self.assertEqual([row for row in self.rows(result) if row[0].startswith("call")],
                         [("call 3", "crashed"), ("call 1", "survived"), ("call 2", "refused")])
        self.assertEqual([row[1] for row in self.rows(result)][:6],
                         ["misused memory", "crashed", "crashed", "crashed", "hung",
                          "lost a block"])
        self.assertIn("other output, no message", result.stdout.splitlines()[10])
        self.assertTrue(result.stdout.endswith(
            "\n\n6 faults, reported above; all of this is in realloc-guard-failures.tsv, and "
            "--resume shows it again\n"))
        self.assertNotRegex(result.stdout, r" \n")
        self.assertIn("11 of 11 runs: 2 survived, 3 refused, 1 misused memory, 1 lost a block, "
                      "3 crashed, 1 hung", result.stdout)

    def test_the_command_repeats_what_was_seen(self):
        result = self.one("crashes")
        command = re.search(r"^  again: (.*)$", result.stdout, re.MULTILINE)[1]
        again = subprocess.run(command, shell=True, env=clean_env(), check=False, timeout=60,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertIn("crash after a failed realloc", again.stderr)
        self.assertIn(again.returncode, (-signal.SIGSEGV, 128 + signal.SIGSEGV))

    def test_what_is_reported_without_a_failure_is_not_held_against_it(self):
        source = ways("survives").replace('puts("done");', 'free(malloc(3)); char *p = malloc(20); '
                                          'free(p); free(p); puts("done");')
        result = self.failures("--first=0", self.program("double", source))
        self.ended(result, 0)
        self.assertEqual(self.outcome(result, "survives")[0], "survived")
        self.assertIn("reported without any failure: double free: ", result.stdout)

    def test_output_that_never_repeats_is_not_compared(self):
        source = ways("survives").replace('puts("done");', 'printf("%d\\n", getpid());')
        result = self.failures("--first=0", self.program("pid", source))
        self.ended(result, 0)
        self.assertEqual(self.outcome(result, "survives")[0], "survived")
        self.assertIn("differs from run to run", result.stdout)

    def test_a_status_of_the_program_that_is_not_0(self):
        source = ways("survives", "refuses").replace("return 0;", "return 3;")
        result = self.failures("--first=0", self.program("three", source))
        self.ended(result, 0)
        self.assertIn("first run: exit status 3", result.stdout)
        self.assertEqual(self.outcome(result, "survives")[0], "survived")
        self.assertEqual(self.outcome(result, "refuses")[0], "refused")

    def test_child_processes(self):
        self.program("ways", ways("survives", "crashes"))
        script = self.write("script", "#!/bin/sh\n./ways >/dev/null\n./ways >/dev/null\necho end\n",
                            0o755)
        result = self.failures("--first=0", "--only=ways.c", script)
        self.ended(result, BAD)
        self.assertEqual(self.outcome(result, "survives")[0], "survived")
        outcome, line = self.outcome(result, "crashes")
        self.assertEqual(outcome, "crashed")
        self.assertIn("a child", line)
        self.assertRegex(line, r"^site \d+ +2 ")  # calls of both processes

    def test_a_program_that_calls_realloc_nowhere(self):
        result = self.failures(self.program("none", HEAD + "int main(void) { return !&kept; }\n"))
        self.ended(result, 0)
        self.assertIn("0 calls of realloc from 0 sites", result.stdout)

    def test_nothing_of_a_run_is_left(self):
        os.mkdir(self.path("tmp"))
        source = HEAD + """int main(int argc, char **argv) {
    int ends[2];
    char told;
    if (pipe(ends) != 0) {
        return 1;
    }
    if (fork() == 0) {
        FILE *f = fopen(argv[1], "a");
        fprintf(f, "%d\\n", (int)getpid());
        fclose(f);
        if (write(ends[1], "x", 1) == 1) {
            pause(); // until it is killed
        }
        _exit(1);
    }
    if (read(ends[0], &told, 1) != 1) {
        return 1;
    }
    kept = realloc(NULL, 10);
    return argc - 2;
}
"""
        result = self.failures("--first=1", self.program("leaves", source), self.path("pids"),
                               env=clean_env(TMPDIR=self.path("tmp")))
        self.ended(result, 0)
        self.assertEqual(os.listdir(self.path("tmp")), [])
        with open(self.path("pids"), encoding="utf-8") as file:
            pids = [int(line) for line in file]
        self.assertEqual(len(pids), 4)
        for pid in pids:
            self.assertFalse(is_alive(pid))


class Options(FailuresTest):
    def test_only(self):
        program = self.program("ways", ways("survives", "crashes"))
        result = self.failures("--only=surv", program)
        self.ended(result, 0)
        self.assertEqual([row[1] for row in self.rows(result)], ["survived"])
        self.assertIn("2 sites, 1 asked for", result.stdout)
        result = self.failures("--only=/ways", "--restart", program)
        self.assertEqual(len(self.rows(result)), 2)
        result = self.failures("--only", "crash", "--first=1", "--restart", program)
        self.assertEqual([row[0][:4] for row in self.rows(result)], ["site", "call"])
        self.refused(self.failures("--only=nowhere", "--restart", program), '"nowhere"', "--list")

    def test_list(self):
        program = self.program("ways", ways("survives", "crashes"))
        result = self.failures("--list", program)
        self.ended(result, 0)
        self.assertRegex(result.stdout, r"\nsite 1 +1  (survives|crashes) ways.c:\d+\n")
        self.assertFalse(os.path.exists(self.path("realloc-guard-failures.tsv")))
        result = self.failures("--list", "--only=surv", program)
        self.assertEqual(result.stdout.count("\nsite "), 2)  # the heading is one

    def test_depth(self):
        source = HEAD + """
static __attribute__((noinline)) void *xrealloc(void *p, size_t n) {
    p = realloc(p, n);
    return p;
}
static __attribute__((noinline)) void first(void) { kept = xrealloc(kept, 20); kept[0] = 1; }
static __attribute__((noinline)) void second(void) { char *p = xrealloc(NULL, 20); free(p); }
int main(void) { first(); second(); second(); return 0; }
"""
        program = self.program("wrapped", source)
        result = self.failures("--list", program)
        self.assertRegex(result.stdout, r"\nsite 1 +3  xrealloc wrapped.c:\d+\n")
        result = self.failures("--first=0", "--depth=2", program)
        self.ended(result, BAD)
        self.assertRegex(result.stdout, r"site \d +2  survived .* xrealloc wrapped.c:\d+ < second ")
        self.assertRegex(result.stdout, r"site \d +1  crashed .* xrealloc wrapped.c:\d+ < first ")

    def test_stdin(self):
        source = HEAD + """int main(void) {
    char line[100];
    while (fgets(line, sizeof line, stdin)) {
        char *q = realloc(kept, 100);
        kept = q ? q : kept;
        fputs(line, stdout);
    }
    return 0;
}
"""
        program = self.program("reads", source)
        self.assertIn(" 0 calls", self.failures("--list", program, input="never read\n").stdout)
        lines = self.write("lines", "one\ntwo\nthree\n")
        result = self.failures("--stdin=" + lines, program)
        self.ended(result, 0)
        self.assertEqual(self.rows(result), [("site 1", "survived"), ("call 1", "survived"),
                                             ("call 2", "survived"), ("call 3", "survived")])

    def test_keep(self):
        program = self.program("ways", ways("crashes"))
        self.failures("--first=1", "--keep=logs", program)
        self.assertEqual(sorted(os.listdir(self.path("logs"))),
                         ["call-1", "first", "second", "site-1"])
        names = os.listdir(self.path("logs/site-1"))
        self.assertEqual(sorted(name.split(".")[0] for name in names), ["log", "stderr", "stdout", "work"])

    def test_a_folder_of_the_run_s_own(self):
        # It fails where another run has left its file.
        source = HEAD + """#include <fcntl.h>
int main(void) {
    kept = realloc(NULL, 10);
    return open("out", O_CREAT | O_EXCL | O_WRONLY, 0600) < 0;
}
"""
        program = self.program("writes", source)
        words = ["--first=0", "--only=writes", "--", "sh", "-c",
                 'cd "$REALLOC_GUARD_RUN" && exec ' + program]
        result = self.failures(*words)
        self.ended(result, 0)
        self.assertEqual(self.outcome(result, "main")[0], "survived")
        self.assertFalse(os.path.exists(self.path("out")))
        for _ in range(2):
            result = self.failures("--restart", "--keep=logs", *words)
            self.assertEqual(self.outcome(result, "main")[0], "survived")
        for run in os.listdir(self.path("logs")):
            self.assertEqual(os.listdir(self.path(f"logs/{run}/work")), ["out"])

    def test_options_of_the_guard(self):
        source = HEAD + """int main(void) {
    char *p = malloc(10);
    char *q = realloc(NULL, 20);
    if (!q) {
        free(p);
        p[0] = 1;
    }
    return 0;
}
"""
        program = self.program("freed", source)
        result = self.failures("--first=0", "--seal-freed", program)
        self.ended(result, BAD)
        self.assertEqual(self.outcome(result, "main")[0], "misused memory")
        self.assertIn(" --seal-freed --fail_realloc=", result.stdout)

    def test_progress(self):
        program = self.program("ways", ways("survives", "crashes"))
        result = self.failures("--first=1", "--jobs=1", program)
        self.assertEqual(re.sub(r"\d+", "N", result.stderr).splitlines(),
                         ["first run, which counts the calls of realloc",
                          "second run, to see what differs by itself",
                          "[N/N] site N: survived", "[N/N] site N: crashed, SIGSEGV",
                          "[N/N] call N: survived"])
        shown = self.on_terminal(program, TERM="xterm")
        self.assertIn("\r\x1b[K3 of 3 runs: 2 survived, 1 crashed", shown)
        self.assertTrue(shown.endswith("\r\x1b[K"), shown)
        self.assertNotIn("\x1b", self.on_terminal(program, TERM="xterm", NO_COLOR="1"))

    def on_terminal(self, program, **env):
        mine, other = pty.openpty()
        self.addCleanup(os.close, mine)
        process = subprocess.Popen([Settings.exe, "failures", "--restart", "--first=1", program],
                                   env=clean_env(**env), cwd=self.folder, stderr=other,
                                   stdout=subprocess.DEVNULL)
        os.close(other)
        shown = b""
        while True:
            try:
                part = os.read(mine, 4096)
            except OSError:  # EIO: all of the other side is closed
                break
            shown += part
        process.wait(timeout=60)
        return shown.decode()


class Refuses(FailuresTest):
    def test_a_bad_command_line(self):
        self.refused(self.failures(), "no program given")
        self.refused(self.failures("--"), "no program given")
        self.refused(self.failures("-x", "true"), "unknown option -x")
        self.refused(self.failures("--frist=1", "true"), "unknown option --frist")
        self.refused(self.failures("--fist=1", "true"), "did you mean --first?")
        self.refused(self.failures("--zebra", "true"), "--zebra", "--help")
        for word in ("--first=x", "--first=-1", "--first=", "--first=1.5", "--depth=0", "--depth=9",
                     "--jobs=0", "--jobs=100000", "--first=99999999999999999999"):
            self.refused(self.failures(word, "true"), word.split("=", maxsplit=1)[0], "whole number")
        for word in ("--timeout=0", "--timeout=x", "--timeout=nan", "--timeout=-1"):
            self.refused(self.failures(word, "true"), "--timeout", "number of seconds")
        self.refused(self.failures("--only=", "true"), "--only: it is empty")
        self.refused(self.failures("--first"), "--first has no value")
        self.refused(self.failures("--only", "--", "true"), "--only has no value")
        self.refused(self.failures("--list=1", "true"), "--list takes no value")
        self.refused(self.failures("--resume", "--restart", "true"), "leave one out")
        self.refused(self.failures("--list", "--resume", "true"), "leave --resume out")
        self.refused(self.failures("--log-path=x", "true"), "log_path", "--keep=DIR")
        self.refused(self.failures("--exitcode=1", "true"), "exitcode")
        self.refused(self.failures("--move=up", "true"), "always, natural")
        self.refused(self.failures("--stdin=/no/such", "true"), "--stdin=/no/such", "No such file")
        self.refused(self.failures("--library=/no/such.so", "true"), "/no/such.so")
        plain = self.write("plain", "")
        self.refused(self.failures("--keep=" + plain, "true"), "name a folder")
        self.refused(self.failures("--keep=/no/such/folder", "true"), "--keep=/no/such/folder")
        self.assertEqual(os.listdir(self.folder), ["plain"])

    def test_programs_that_cannot_be_guarded(self):
        self.refused(self.failures("no-such-program-here"), "no-such-program-here", "PATH")
        self.refused(self.failures(self.folder), "is a directory")
        static = self.program("static", HEAD + "int main(void) { return !&kept; }\n", "-static")
        self.refused(self.failures(static), "statically linked")

    def test_a_program_that_ends_otherwise_each_time(self):
        source = HEAD + """int main(int argc, char **argv) {
    int there = access(argv[1], F_OK) == 0;
    fclose(fopen(argv[1], "w"));
    return there + argc - 2;
}
"""
        program = self.program("once", source)
        self.refused(self.failures(program, self.path("marker")), "exit status 0",
                     "second time with exit status 1")

    def test_a_program_that_does_not_end(self):
        program = self.program("waits", HEAD + "int main(void) { return pause(); }\n")
        self.refused(self.failures("--timeout=0.5", program), "did not end within 0.5 s")

    def test_a_program_that_leaves_no_census(self):
        program = self.program("execs", HEAD + """int main(void) {
    kept = realloc(NULL, 10);
    char *const none[] = {NULL}, *const words[] = {"true", NULL};
    execve("/bin/true", words, none);
    return 1;
}
""")
        self.refused(self.failures(program), "counted no calls", "realloc-guard run")

    def test_prints_help(self):
        result = self.failures("--help")
        self.assertEqual(result.returncode, 0)
        for word in ("--first=N", "--depth=N", "xrealloc", "lost a block"):
            self.assertIn(word, result.stdout)
        self.assertIn("failures", tool("--help").stdout)


class Copies(FailuresTest):
    def test_works_with_a_library_elsewhere(self):
        program = self.program("ways", ways("crashes"))
        library = shutil.copy(Settings.library, self.path("librealloc_guard.so"))
        result = self.failures("--first=0", "--library=" + library, program)
        self.ended(result, BAD)
        self.assertIn(" --library=" + library + " --fail_realloc=", result.stdout)


if __name__ == "__main__":
    main()
