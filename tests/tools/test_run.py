#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard run: what it passes on, and that it refuses in one line what it cannot guard."""

import os
import resource
import shutil
import signal
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import Settings, ToolTest, clean_env, main, tool  # noqa: E402

REFUSED = 125
NOBODY = 65534
PROGRAM = "int main(void) { return 0; }\n"
SHOW = """#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv) {
    printf("%s\\n%s\\n%d\\n", getenv("LD_PRELOAD"), getenv("REALLOC_GUARD_OPTIONS"), getpid());
    for (int i = 0; i < argc; i++) {
        puts(argv[i]);
    }
    return 3;
}
"""


class RunTest(ToolTest):
    def setUp(self):
        super().setUp()
        # An empty library in the place of the guard: these tests are about the runner alone.
        self.stub = self.build("stub.so", "int rg_stub;\n", "-shared", "-fPIC",
                               "-Wl,-soname,librealloc_guard.so")

    def run_tool(self, *words, env=None, **keywords):
        return tool("--library=" + self.stub, *words, env=env, **keywords)

    def refused(self, result, *phrases):
        self.assertEqual(result.returncode, REFUSED, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertTrue(result.stderr.startswith("realloc-guard: "), result.stderr)
        for phrase in phrases:
            self.assertIn(phrase, result.stderr)

    def show(self, *words, env=None):
        """Runs a program that shows what it was given: preload, options, pid, argument list."""
        program = self.build("show", SHOW)
        result = self.run_tool(*words, program, "one", "--two", env=env)
        self.assertEqual(result.stderr, "")
        self.assertEqual(result.returncode, 3)
        lines = result.stdout.splitlines()
        self.assertEqual(lines[3:], [program, "one", "--two"])
        return lines[0], lines[1]


class PassesOn(RunTest):
    def test_puts_the_library_first_and_keeps_other_preloads(self):
        other = self.build("other.so", "int other;\n", "-shared", "-fPIC")
        self.assertEqual(self.show()[0], self.stub)
        self.assertEqual(self.show(env=clean_env(LD_PRELOAD=other))[0], f"{self.stub}:{other}")
        two = f"{other} {other}"
        self.assertEqual(self.show(env=clean_env(LD_PRELOAD=two))[0], f"{self.stub}:{two}")

    def test_finds_the_library_beside_itself(self):
        result = tool("--", self.build("show", SHOW), env=clean_env())
        self.assertEqual(result.stdout.splitlines()[0], os.path.realpath(Settings.library))

    def test_turns_options_into_the_variable(self):
        self.assertEqual(self.show("--exitcode=5", "--halt-on-error", "--move", "natural",
                                   "--print_summary=0")[1],
                         "exitcode=5:halt_on_error=1:move=natural:print_summary=0")

    def test_appends_options_so_that_the_later_wins(self):
        env = clean_env(REALLOC_GUARD_OPTIONS="exitcode=1")
        self.assertEqual(self.show("--exitcode", "2", env=env)[1], "exitcode=1:exitcode=2")
        self.assertEqual(self.show(env=env)[1], "exitcode=1")

    def test_quotes_values_with_separators(self):
        self.assertEqual(self.show("--log-path=/a b:c")[1], "log_path='/a b:c'")
        self.assertEqual(self.show("--log-path", "/it's")[1], 'log_path="/it\'s"')

    def test_passes_on_suppressions_by_their_whole_paths(self):
        one, two = self.write("one", "*:f\n"), self.write("two", "# none\n")
        lines = self.run_tool("--suppressions=one:./two", "--suppressions", two,
                              self.build("show", SHOW), cwd=self.folder).stdout.splitlines()
        self.assertEqual(lines[1], f"suppressions='{one}:{two}':suppressions={two}")
        self.assertEqual(self.show("--suppressions=")[1], "suppressions=")
        # What a pipe holds is left for the program to read.
        copy = self.build("copy", '#include <stdlib.h>\nint main(void) { return system("cat /dev/fd/0"); }')
        result = self.run_tool("--suppressions=/dev/fd/0", copy, input="*:f\n")
        self.assertEqual((result.stdout, result.returncode), ("*:f\n", 0), result.stderr)

    def test_takes_run_and_double_dash_or_neither(self):
        for words in ([], ["--"], ["--exitcode=1"], ["--exitcode=1", "--"]):
            self.show(*words)
        show = self.build("show", SHOW)
        result = tool("run", "--library=" + self.stub, "--", show)
        self.assertEqual(result.returncode, 3)
        result = tool("run", "--library", self.stub, show)
        self.assertEqual(result.returncode, 3)

    def test_is_the_process_that_becomes_the_program(self):
        show = self.build("show", SHOW)
        process = subprocess.Popen([Settings.exe, "--library=" + self.stub, show], text=True,
                                   env=clean_env(), stdout=subprocess.PIPE)
        output = process.communicate(timeout=60)[0]
        self.assertEqual(int(output.splitlines()[2]), process.pid)

    def test_passes_on_the_signal_that_killed_the_program(self):
        program = self.build("die", "#include <signal.h>\nint main(void) { return raise(SIGTERM); }")
        self.assertEqual(self.run_tool(program).returncode, -signal.SIGTERM)

    def test_looks_in_path_like_a_shell(self):
        self.build("onpath", "int main(void) { return 4; }")
        # A file there that is not executable does not end the search.
        first = os.path.join(self.folder, "first")
        os.mkdir(first)
        self.write("first/onpath", "not executable")
        env = clean_env(PATH=f"{first}:{self.folder}")
        self.assertEqual(self.run_tool("onpath", env=env).returncode, 4)
        shutil.rmtree(first)
        env = clean_env(PATH="/nonexistent:")  # an empty entry is the current directory
        self.assertEqual(self.run_tool("onpath", env=env, cwd=self.folder).returncode, 4)

    def test_runs_scripts_whose_interpreter_can_be_guarded(self):
        for line in ("#!/bin/sh", "#! /bin/sh -e", "#!/usr/bin/env sh", "#!/usr/bin/env -S sh -e",
                     "#!/usr/bin/env -S X=1 sh"):
            script = self.write("script", f"{line}\nexit 9\n", 0o755)
            self.assertEqual(self.run_tool(script).returncode, 9, line)

    def test_prints_help_and_version(self):
        self.assertIn("halt_on_error", tool("--help").stdout)
        self.assertRegex(tool("--version").stdout, r"^realloc-guard \d+\.\d+")
        self.assertIn("| `exitcode` | `86` |", tool("options", "--markdown").stdout)
        self.assertEqual(tool("options").returncode, 0)


class Refuses(RunTest):
    def test_a_bad_command_line(self):
        self.refused(tool(), "no program given")
        self.refused(self.run_tool("--"), "no program given")
        self.refused(self.run_tool("--exitcod=1", "true"), "--exitcod;", "did you mean --exitcode?")
        self.refused(self.run_tool("--zebra", "true"), "--zebra", "--help")
        self.refused(self.run_tool("-x", "true"), "unknown option -x")
        self.refused(self.run_tool("--exitcode=256", "true"), '"256"', "from 0 to 255")
        self.refused(self.run_tool("--exitcode"), "--exitcode has no value")
        self.refused(self.run_tool("--strip-path-prefix", "--", "true"),
                     "--strip-path-prefix has no value")
        self.refused(self.run_tool("--move=up", "true"), "always, natural")
        self.refused(self.run_tool("--log_path='\"", "true"), "both ' and \"")
        self.refused(tool("options", "--xml"), "--xml", "--markdown")

    def test_suppressions_that_are_malformed_or_cannot_be_read(self):
        self.refused(self.run_tool("--suppressions=/no/such", "true"), "/no/such cannot be read",
                     "No such file")
        self.refused(self.run_tool("--suppressions", self.folder, "true"), "Is a directory")
        good, bad = self.write("good", "*:f\n"), self.write("bad", "*:f\n\nf\n")
        self.refused(self.run_tool(f"--suppressions={good}:{bad}", "true"), f"suppressions: {bad}:3: \"f\"",
                     "write KIND:PATTERN")
        worse = self.write("worse", "f\n*:\nx:f\n")
        result = self.run_tool(f"--suppressions={worse}", "true")
        self.assertEqual(result.returncode, REFUSED)
        self.assertEqual(result.stderr.count(f"realloc-guard: suppressions: {worse}:"), 3, result.stderr)

    def test_a_missing_program(self):
        self.refused(self.run_tool("no-such-program-here"), "no-such-program-here", "PATH")
        self.refused(self.run_tool("./no/such"), "does not exist")
        self.refused(self.run_tool(""), "does not exist")

    def test_a_file_that_is_not_executable(self):
        program = self.build("plain", PROGRAM)
        os.chmod(program, 0o644)
        self.refused(self.run_tool(program), "not executable", "chmod +x")

    def test_a_directory(self):
        self.refused(self.run_tool(self.folder), "is a directory")

    def test_a_file_that_is_no_program(self):
        self.refused(self.run_tool(self.write("text", "hello\n", 0o755)), "neither an ELF")
        self.refused(self.run_tool(self.write("empty", "", 0o755)), "neither an ELF")
        self.refused(self.run_tool(self.write("cut", "\x7fELF", 0o755)), "neither an ELF")
        self.refused(self.run_tool(self.write("bare", "#!\n", 0o755)), "neither an ELF")

    def test_static_programs(self):
        self.refused(self.run_tool(self.build("static", PROGRAM, "-static")),
                     "statically linked", "-static")
        self.refused(self.run_tool(self.build("static_pie", PROGRAM, "-static-pie")),
                     "statically linked")

    def test_another_machine(self):
        for machine, name in ((183, "64-bit ARM"), (3, "32-bit x86"), (4711, "machine 4711")):
            program = self.build("arm", PROGRAM)
            with open(program, "r+b") as file:
                file.seek(18)  # e_machine
                file.write(struct.pack("<H", machine))
            self.refused(self.run_tool(program), name, "x86-64")

    def test_another_c_library(self):
        loader = "/lib/ld-musl-x86_64.so.1"
        program = self.build("musl", PROGRAM, "-Wl,--dynamic-linker=" + loader)
        self.refused(self.run_tool(program), loader, "glibc")

    def test_sanitized_programs(self):
        for compiler in ("gcc", "clang"):
            for flag in ("address", "thread", "leak", "memory"):
                if (compiler, flag) == ("gcc", "memory") or not shutil.which(compiler):
                    continue
                with self.subTest(compiler=compiler, flag=flag):
                    program = self.build(f"{compiler}_{flag}", PROGRAM, "-fsanitize=" + flag,
                                         compiler=compiler)
                    self.refused(self.run_tool(program), "sanitizer", "-fsanitize")

    def test_but_not_a_program_that_only_asks_for_a_sanitizer(self):
        asks = "extern void __asan_init(void) __attribute__((weak));\n" \
               "int main(void) { return __asan_init ? 1 : 6; }\n"
        self.assertEqual(self.run_tool(self.build("asks", asks, "-fPIE", "-pie")).returncode, 6)
        undefined = self.build("undefined", PROGRAM, "-fsanitize=undefined")
        self.assertEqual(self.run_tool(undefined).returncode, 0)

    def test_scripts_whose_interpreter_cannot_be_guarded(self):
        static = self.build("static", PROGRAM, "-static")
        env = clean_env(PATH=f"{self.folder}:{os.environ['PATH']}")
        for line in ("#!" + static, "#!/usr/bin/env static", "#!/usr/bin/env -S static -x"):
            script = self.write("script", line + "\n", 0o755)
            self.refused(self.run_tool(script, env=env), script, static, "statically linked")
        script = self.write("script", "#!/no/such/interpreter\n", 0o755)
        self.refused(self.run_tool(script), "/no/such/interpreter", "does not exist")

    def test_a_chain_of_scripts_that_the_kernel_would_not_follow(self):
        before = "/bin/sh"
        for i in range(6):
            before = self.write(f"s{i}", f"#!{before}\n", 0o755)
        self.refused(self.run_tool(before), "fifth script")

    def test_a_library_that_cannot_be_preloaded(self):
        self.refused(tool("--library=/no/such.so", "true"), "/no/such.so", "No such file")
        text = self.write("text.so", "hello\n")
        self.refused(tool("--library=" + text, "true"), "not a shared object")
        for other in ("/bin/true", self.build("other.so", "int other;\n", "-shared", "-fPIC")):
            self.refused(tool("--library=" + other, "true"), os.path.realpath(other),
                         "is not the guard's library")
        for folder in ("with space", "with:colon"):
            os.mkdir(self.path(folder))
            copy = shutil.copy(self.stub, self.path(folder))
            self.refused(tool("--library=" + copy, "true"), folder, "LD_PRELOAD", "move or copy")

    def test_to_run_without_the_library_beside_itself(self):
        copy = shutil.copy(Settings.exe, self.path("realloc-guard"))
        result = subprocess.run([copy, "true"], env=clean_env(), text=True, check=False, timeout=60,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.refused(result, "librealloc_guard.so", "--library=PATH")
        for place in ("lib", "lib/x86_64-linux-gnu"):
            os.makedirs(self.path("x/bin"), exist_ok=True)
            os.makedirs(self.path("x/" + place), exist_ok=True)
            copy = shutil.copy(Settings.exe, self.path("x/bin/realloc-guard"))
            library = shutil.copy(self.stub, self.path(f"x/{place}/librealloc_guard.so"))
            result = subprocess.run([copy, self.build("show", SHOW)], env=clean_env(), text=True,
                                    stdout=subprocess.PIPE, check=False, timeout=60)
            self.assertEqual(result.stdout.splitlines()[0], library)
            os.remove(library)


class SaysWhy(RunTest):
    def test_a_narrow_limit_is_not_taken_for_an_old_kernel(self):
        """Somewhere on the way up there is memory for the program, and too little for the guard."""
        program = self.build("program", PROGRAM)
        env = clean_env(LD_PRELOAD=Settings.library)
        statuses = set()
        for limit in range(2 << 20, 16 << 20, 64 << 10):
            result = subprocess.run(
                [program], env=env, text=True, check=False, timeout=60, stderr=subprocess.PIPE,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
            statuses.add(result.returncode)
            self.assertNotIn("this kernel", result.stderr)
        self.assertIn(0, statuses)
        self.assertGreater(len(statuses), 1)


class RefusesPrivileged(RunTest):
    """Programs that would gain privilege; making and running them takes two users, so root."""

    def setUp(self):
        super().setUp()
        if os.getuid() != 0:
            self.skipTest("needs root to give files away and to become another user")
        for file in (Settings.exe, os.path.realpath(Settings.library)):
            self.public = shutil.copy(file, self.folder)
        self.exe = self.path("realloc-guard")
        self.program = self.build("privileged", PROGRAM)

    def run_as_nobody(self, *words):
        def become_nobody():
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)

        return subprocess.run([self.exe, *words], env=clean_env(), text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                              preexec_fn=become_nobody, cwd=self.folder)

    def privileged(self, mode):
        os.chmod(self.program, mode)
        return self.run_as_nobody("--library=" + self.stub, self.program)

    def test_set_user_id_programs_of_another_user(self):
        self.refused(self.privileged(0o4755), "set-user-id", "LD_PRELOAD")
        os.chown(self.program, NOBODY, NOBODY)
        self.assertEqual(self.privileged(0o4755).returncode, 0)
        # Root running a set-user-id program of nobody changes its user too.
        self.refused(self.run_tool(self.program), "set-user-id")

    def test_set_group_id_programs_of_another_group(self):
        self.refused(self.privileged(0o2755), "set-group-id", "LD_PRELOAD")
        self.assertEqual(self.privileged(0o2745).returncode, 0)  # without group x it means locking
        os.chown(self.program, 0, NOBODY)
        self.assertEqual(self.privileged(0o2755).returncode, 0)

    def test_programs_with_file_capabilities(self):
        setcap = shutil.which("setcap", path="/usr/sbin:/sbin:/usr/bin")
        if not setcap:
            self.skipTest("setcap is not installed")
        done = subprocess.run([setcap, "cap_net_raw+ep", self.program], check=False, timeout=60)
        if done.returncode:
            self.skipTest("setcap is not permitted here")
        self.refused(self.privileged(0o755), "file capabilities", "LD_PRELOAD")
        self.assertEqual(self.run_tool(self.program).returncode, 0)  # root gains nothing by them

    def test_but_not_where_nothing_is_gained(self):
        os.chmod(self.program, 0o4755)
        self.assertEqual(self.run_tool(self.program).returncode, 0)  # root's own

    def test_a_program_that_cannot_be_read(self):
        self.refused(self.privileged(0o711), "cannot be read", "Permission denied")


if __name__ == "__main__":
    main()
