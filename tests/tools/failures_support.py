# SPDX-License-Identifier: MIT
"""What the tests of realloc-guard failures share: programs that deal with a failure of realloc in many ways,
and reading the table."""

import re

from support import ToolTest, clean_env, tool

REFUSED = 125
BAD = 1

HEAD = """#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static char *kept;
"""

# Each function calls realloc at one place, and deals with a failure in its own way.
WAYS = {
    "survives": """
    char *more = realloc(kept, 64);
    kept = more ? more : kept;
""",
    "refuses": """
    char *more = realloc(kept, 65);
    if (!more) {
        fprintf(stderr, "ways: no memory\\n");
        exit(2);
    }
    kept = more;
""",
    "crashes": """
    char *more = realloc(kept, 66);
    more[0] = 'x';
    kept = more;
""",
    "loses": """
    kept = realloc(kept, 67);
    if (!kept) {
        kept = malloc(68);
    }
""",
    "hangs": """
    char *more = realloc(kept, 69);
    while (!more) {
        pause();
    }
    kept = more;
""",
    "misuses": """
    char *more = realloc(kept, 70);
    if (!more) {
        free(kept);
        free(kept);
        more = malloc(70);
    }
    kept = more;
""",
    "aborts": """
    char *more = realloc(kept, 71);
    if (!more) {
        abort();
    }
    kept = more;
""",
    "hides": """
    char *more = realloc(kept, 72);
    if (more) {
        kept = more;
        puts("a line that depends on it");
    }
""",
}


def ways(*names):
    functions = "".join(f"static __attribute__((noinline)) void {name}(void) {{{WAYS[name]}}}\n"
                        for name in names)
    calls = "".join(f"    {name}();\n" for name in names)
    return HEAD + functions + "int main(void) {\n    kept = malloc(10);\n" + calls + \
        "    puts(\"done\");\n    free(kept);\n    return 0;\n}\n"


class FailuresTest(ToolTest):
    def failures(self, *words, env=None, **keywords):
        return tool("failures", *words, env=env or clean_env(NO_COLOR="1"), cwd=self.folder,
                    **keywords)

    def program(self, name, source, *flags):
        # The compiler would make a malloc of realloc(NULL, n).
        return self.build(name, source, "-g", "-O0", "-fno-builtin", *flags)

    def rows(self, result):
        """The table: a list of label, outcome and the whole line."""
        rows = re.findall(r"^((site|call) \d+) +(\d*) +([a-z]+(?: [a-z]+)*)(?:  .*)?$",
                          result.stdout, re.MULTILINE)
        return [(label, outcome) for label, _, _, outcome in rows]

    def outcome(self, result, function):
        """The outcome of the one site in that function, and its line."""
        lines = [line for line in result.stdout.splitlines()
                 if line.startswith("site ") and f" {function} " in line and "," not in line[:8]]
        lines = [line for line in lines if re.match(r"site \d+ ", line)]
        self.assertEqual(len(lines), 1, result.stdout + result.stderr)
        return re.match(r"site \d+ +\d+  ([a-z]+(?: [a-z]+)*)", lines[0])[1], lines[0]

    def ended(self, result, status):
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)

    def refused(self, result, *phrases):
        self.ended(result, REFUSED)
        self.assertEqual(result.stdout, "")
        lines = [line for line in result.stderr.splitlines() if " run, " not in line]
        self.assertEqual(len(lines), 1, result.stderr)
        self.assertTrue(lines[0].startswith("realloc-guard: "), result.stderr)
        for phrase in phrases:
            self.assertIn(phrase, lines[0])


def is_alive(pid):
    """Whether it runs; one that has ended may wait for whoever is its parent now."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
