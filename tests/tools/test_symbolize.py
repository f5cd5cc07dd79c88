#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard symbolize: the protocol, and right names and lines for every kind of debug data."""

import itertools
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import Settings, ToolTest, clean_env, main, tool  # noqa: E402

UNKNOWN = [("?", "?", 0, 0)]

# `mark` is the volatile store whose address is looked up, through two levels of inlining.
C_SOURCE = """volatile int mark;
static inline __attribute__((always_inline)) void inner(int x)
{
    mark = x;
}
static inline __attribute__((always_inline)) void middle(int x)
{
    inner(x);
}
__attribute__((noinline)) void outer(int x)
{
    middle(x);
}
int main(void) { outer(1); return 0; }
"""

CXX_SOURCE = """#include <vector>
volatile int mark;
namespace ns {
namespace {
struct Hidden {
    __attribute__((always_inline)) void store(const char *text, unsigned long at) const {
        mark = text[at];
    }
};
}
template <class T> __attribute__((noinline)) void outer(const std::vector<T> &v, char *const *text) {
    auto call = [&](int x) __attribute__((always_inline)) {
        Hidden().store(*text, v.size() + x);
    };
    call(1);
}
}
int main(int argc, char **argv) { ns::outer(std::vector<int>(argc), argv); }
"""

OUTER = "void ns::outer<int>(std::vector<int, std::allocator<int> > const&, char* const*)"


def symbols(path):
    """The functions of an ELF file by name: address and size."""
    text = subprocess.run(["nm", "-S", "--defined-only", path], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    rows = [line.split() for line in text.splitlines()]
    return {row[3]: (int(row[0], 16), int(row[1], 16)) for row in rows if len(row) == 4}


def build_id(path):
    text = subprocess.run(["readelf", "-n", path], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    return text.split("Build ID:")[1].split()[0]


def ask(*requests):
    """Sends raw request lines; returns a list of answers, each a list of frames."""
    result = tool("symbolize", input="".join(r + "\n" for r in requests))
    assert result.returncode == 0 and not result.stderr, result.stderr
    answers = result.stdout.split("\n\n")
    assert answers.pop() == "", result.stdout
    frames = []
    for answer in answers:
        rows = [line.split("\t") for line in answer.split("\n")]
        frames.append([(name, file, int(line), int(column)) for name, file, line, column in rows])
    return frames


def ask_all(path, symbol, identity="-"):
    """Every distinct answer for the addresses of a function."""
    start, size = symbols(path)[symbol]
    answers = ask(*(f"{path}\t{at:x}\t{identity}" for at in range(start, start + size)))
    return [key for key, _ in itertools.groupby(answers)]


def without_columns(frames):
    return [frame[:3] for frame in frames]


class Symbolize(ToolTest):
    def builds(self, name, source, suffix=".c"):
        """The program from each compiler and DWARF version, optimised, by name."""
        programs = {}
        for compiler, version in itertools.product(("gcc", "clang"), (4, 5)):
            command = compiler if suffix == ".c" else {"gcc": "g++", "clang": "clang++"}[compiler]
            if not shutil.which(command):
                continue
            label = f"{name}_{compiler}_{version}"
            programs[label] = self.build(label, source, "-O2", f"-gdwarf-{version}",
                                         compiler=command, suffix=suffix)
        return programs.items()

    def find(self, answers, function):
        """The one answer whose innermost function is this."""
        found = {tuple(without_columns(a)) for a in answers if a[0][0].startswith(function)}
        self.assertEqual(len(found), 1, answers)
        return list(found.pop())

    def test_gives_inlined_frames_innermost_first(self):
        for label, program in self.builds("inlined", C_SOURCE):
            file = program + ".c"
            with self.subTest(program=label):
                self.assertEqual(self.find(ask_all(program, "outer"), "inner"),
                                 [("inner", file, 4), ("middle", file, 8), ("outer", file, 12)])

    def test_gives_columns(self):
        program = self.build("columns", C_SOURCE, "-O2", "-g")
        answer = [a for a in ask_all(program, "outer") if a[0][0] == "inner"][0]
        self.assertEqual([frame[3] for frame in answer], [10, 5, 5])

    def test_demangles_and_composes_names_of_cxx(self):
        for label, program in self.builds("cxx", CXX_SOURCE, ".cpp"):
            with self.subTest(program=label):
                self.check_cxx(program)

    def check_cxx(self, program):
        symbol = [s for s in symbols(program) if "outer" in s][0]
        store, call, outer = self.find(ask_all(program, symbol), "ns::(anonymous namespace)")
        self.assertEqual([frame[2] for frame in (store, call, outer)], [7, 13, 15])
        self.assertEqual(outer[0], OUTER)
        # gcc gives neither a linkage name; what is composed from the DWARF knows of no "const".
        self.assertEqual(store[0].removesuffix(" const"),
                         "ns::(anonymous namespace)::Hidden::store(char const*, unsigned long)")
        self.assertRegex(call[0], r"^(void )?ns::outer<int>\(.*\)::\{lambda.*\}::operator\(\)\(int\)")

    def test_reads_split_dwarf(self):
        for compiler in ("gcc", "clang"):
            if not shutil.which(compiler):
                continue
            code = self.write("split.c", C_SOURCE)
            program = self.path("split_" + compiler)
            subprocess.run([compiler, "-O2", "-g", "-gsplit-dwarf", "-c", code, "-o",
                            program + ".o"], check=True, cwd=self.folder)
            subprocess.run([compiler, program + ".o", "-o", program], check=True, cwd=self.folder)
            with self.subTest(compiler=compiler):
                self.assertEqual(self.find(ask_all(program, "outer"), "inner"),
                                 [("inner", code, 4), ("middle", code, 8), ("outer", code, 12)])

    def test_makes_full_paths_of_relative_ones(self):
        os.mkdir(self.path("src"))
        self.write("src/relative.c", C_SOURCE)
        for compiler, version in itertools.product(("gcc", "clang"), (4, 5)):
            if not shutil.which(compiler):
                continue
            subprocess.run([compiler, "-O2", f"-gdwarf-{version}", "./src/../src/./relative.c",
                            "-o", "relative"], check=True, cwd=self.folder)
            answer = self.find(ask_all(self.path("relative"), "outer"), "inner")
            with self.subTest(compiler=compiler, version=version):
                self.assertEqual({file for _, file, _ in answer},
                                 {os.path.realpath(self.folder) + "/src/../src/relative.c"})

    def test_keeps_a_compilation_folder_that_was_made_relative(self):
        code = self.write("mapped.c", C_SOURCE)
        for version in (4, 5):
            subprocess.run(["gcc", "-O2", f"-gdwarf-{version}", code, "-o", "mapped",
                            f"-ffile-prefix-map={self.folder}=./part"], check=True, cwd=self.folder)
            answer = self.find(ask_all(self.path("mapped"), "outer"), "inner")
            self.assertEqual({file for _, file, _ in answer}, {"part/mapped.c"})

    def test_works_without_pie_too(self):
        program = self.build("fixed", C_SOURCE, "-O2", "-g", "-no-pie", "-fno-pie")
        self.assertEqual(self.find(ask_all(program, "outer"), "inner")[2][2], 12)

    def test_gives_function_names_without_debug_data(self):
        program = self.build("symbols", C_SOURCE, "-O2")
        self.assertEqual(ask_all(program, "outer"), [[("outer", "?", 0, 0)]])
        program = self.build("cxx_symbols", CXX_SOURCE, "-O2", compiler="g++", suffix=".cpp")
        symbol = [s for s in symbols(program) if "outer" in s][0]
        # The compiler may have made it a clone, which the name then says.
        self.assertEqual(ask_all(program, symbol)[0][0][0].split(" [clone")[0], OUTER)

    def test_gives_the_innermost_of_symbols_that_overlap(self):
        program = self.build("overlap", r"""
__asm__(".text; .globl whole, strong, inside; .weak frail; .type whole,@function; .type inside,@function;"
        ".type frail,@function; .type strong,@function; .type local,@function; .type bare,@function;"
        "whole: .skip 8, 0x90; inside: .skip 4, 0x90; .size inside, 4; .skip 4, 0x90; .size whole, 16;"
        "local: frail: strong: .skip 4, 0x90; .size local, 4; .size frail, 4; .size strong, 4;"
        "bare: .skip 4, 0x90");
int main(void) { return 0; }
""")
        text = subprocess.run(["nm", program], check=True, text=True, stdout=subprocess.PIPE).stdout
        start = [int(row.split()[0], 16) for row in text.splitlines() if row.endswith(" whole")][0]
        answers = ask(*(f"{program}\t{at:x}\t-" for at in range(start, start + 24)))
        names = [(key, len(list(same))) for key, same in itertools.groupby(answer[0][0] for answer in answers)]
        self.assertEqual(names, [("whole", 8), ("inside", 4), ("whole", 4), ("strong", 4), ("bare", 4)])

    def test_gives_dynamic_names_of_a_stripped_library(self):
        library = self.build("stripped.so", C_SOURCE, "-O2", "-g", "-shared", "-fPIC")
        start, _ = symbols(library)["outer"]
        subprocess.run(["strip", library], check=True)
        self.assertEqual(ask(f"{library}\t{start:x}\t-"), [[("outer", "?", 0, 0)]])

    def test_knows_nothing_of_a_stripped_program(self):
        program = self.build("stripped", C_SOURCE, "-O2", "-g")
        start, _ = symbols(program)["outer"]
        subprocess.run(["strip", program], check=True)
        self.assertEqual(ask(f"{program}\t{start:x}\t-"), [UNKNOWN])

    def test_finds_separate_debug_files(self):
        program = self.build("separate", C_SOURCE, "-O2", "-g")
        start, size = symbols(program)["outer"]
        for command in (["objcopy", "--only-keep-debug", program, program + ".debug"],
                        ["strip", program],
                        ["objcopy", "--add-gnu-debuglink=" + program + ".debug", program]):
            subprocess.run(command, check=True, cwd=self.folder)
        answers = ask(*(f"{program}\t{at:x}\t{build_id(program)}"
                        for at in range(start, start + size)))
        self.assertEqual([f[0] for f in self.find(answers, "inner")], ["inner", "middle", "outer"])

    def test_gives_no_lines_of_a_file_with_another_build_id(self):
        program = self.build("rebuilt", C_SOURCE, "-O2", "-g")
        start, _ = symbols(program)["outer"]
        identity = build_id(program)
        self.assertEqual(ask(f"{program}\t{start:x}\t{identity}")[0][-1][0], "outer")
        for wrong in (identity[:-1] + "x", identity[:-2], identity + "00", "00", "zz"):
            self.assertEqual(ask(f"{program}\t{start:x}\t{wrong}"), [UNKNOWN], wrong)
        bare = self.build("bare", C_SOURCE, "-Wl,--build-id=none")
        start, _ = symbols(bare)["outer"]
        self.assertEqual(ask(f"{bare}\t{start:x}\t{identity}"), [UNKNOWN])
        self.assertEqual(ask(f"{bare}\t{start:x}\t-")[0][-1][0], "outer")

    def test_answers_every_malformed_line_and_goes_on(self):
        program = self.build("good", C_SOURCE, "-O2", "-g")
        start, _ = symbols(program)["outer"]
        bad = ["", "\t", "\t\t", "word", "\t\t\t\t", f"{program}\t\t-", f"{program}\t12",
               f"{program}\t{start:x}\t", f"{program}\t-1\t-", f"{program}\tzz\t-",
               f"{program}\t11112222333344445\t-", f"\t{start:x}\t-", f"{program} {start:x} -",
               "/no/such/file\t10\t-", "[vdso]\t10\t-", f"{self.folder}\t10\t-", "/dev/null\t10\t-",
               f"{self.write('text', 'no ELF')}\t10\t-", f"{program}\tffffffffffffffff\t-",
               f"{program}\t0\t-", "x" * 100000, "a\0b\t10\t-"]
        answers = ask(*bad, f"{program}\t{start:x}\t-")
        self.assertEqual(answers[:-1], [UNKNOWN] * len(bad))
        self.assertEqual(answers[-1][-1][0], "outer")

    def test_survives_damaged_files(self):
        with open(self.build("whole", C_SOURCE, "-O2", "-g"), "rb") as file:
            whole = file.read()
        start, _ = symbols(self.path("whole"))["outer"]
        requests = []
        for i in range(0, len(whole), max(1, len(whole) // 60)):
            cut = self.path(f"cut{i}")
            with open(cut, "wb") as file:
                file.write(whole[:i])
            requests.append(f"{cut}\t{start:x}\t-")
            flipped = self.path(f"flipped{i}")
            with open(flipped, "wb") as file:
                file.write(whole[:i] + bytes(b ^ 0xff for b in whole[i:i + 40]) + whole[i + 40:])
            requests.append(f"{flipped}\t{start:x}\t-")
        self.assertEqual(len(ask(*requests)), len(requests))

    def test_answers_each_request_at_once(self):
        program = self.build("prompt", C_SOURCE, "-O2", "-g")
        start, _ = symbols(program)["outer"]
        process = subprocess.Popen([Settings.exe, "symbolize"], text=True, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, bufsize=1, env=clean_env())
        for _ in range(3):
            process.stdin.write(f"{program}\t{start:x}\t-\n")
            lines = list(iter(process.stdout.readline, "\n"))
            self.assertEqual(lines[-1].split("\t")[0], "outer")
        process.stdin.close()
        self.assertEqual(process.wait(timeout=60), 0)
        process.stdout.close()

    def test_asks_no_server_and_writes_nowhere(self):
        program = self.build("quiet", C_SOURCE, "-O2")
        start, _ = symbols(program)["outer"]
        home = self.path("home")
        os.mkdir(home)
        env = {"PATH": os.environ["PATH"], "HOME": home, "XDG_CACHE_HOME": home,
               "DEBUGINFOD_URLS": "http://127.0.0.1:1/", "DEBUGINFOD_CACHE_PATH": home + "/cache"}
        result = tool("symbolize", input=f"{program}\t{start:x}\t-\n", env=env)
        self.assertEqual(result.stdout, "outer\t?\t0\t0\n\n")
        self.assertEqual(os.listdir(home), [])

    def test_explains_itself(self):
        result = tool("symbolize", "--help")
        self.assertEqual(result.returncode, 0)
        self.assertIn("BUILDID", result.stdout)
        self.assertEqual(tool("symbolize", "--zebra").returncode, 125)


if __name__ == "__main__":
    main()
