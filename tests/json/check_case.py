#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs one test program with reports for a person and for machines: the latter must be valid, and tell the same.
Exit status 0 pass, 1 fail, 77 skip."""

import argparse
import difflib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "e2e")]
import guarded  # noqa: E402
from as_text import as_text  # noqa: E402
from case import read_case  # noqa: E402
from lines import of, order_errors, read_lines  # noqa: E402
from report import kind_of, normalise  # noqa: E402


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", required=True, help="the program's source, with directives")
    parser.add_argument("--exe", required=True)
    parser.add_argument("--guard", help="librealloc_guard.so")
    parser.add_argument("--witness", help="libwitness.so")
    parser.add_argument("--options", default="", help="value of REALLOC_GUARD_OPTIONS")
    parser.add_argument("arguments", nargs="*", help="arguments of the program")
    return parser.parse_args()


def run(args, case, format_option):
    guard = guarded.guard_of(args)
    guard.options = ":".join(filter(None, [args.options, case.options, format_option]))
    return guarded.run([os.path.abspath(args.exe), *args.arguments], guard)


def difference(text, made):
    lines = list(difflib.unified_diff(normalise(text).splitlines(), normalise(made).splitlines(),
                                      "for a person", "made of the lines", lineterm=""))
    return ["they tell something else:\n" + "\n".join(lines)] if lines else []


def check_facts(args, case, events):
    """What the program's source says of itself."""
    findings = of(events, "finding")
    errors = []
    if [kind_of(f"{finding['title']}: ") for finding in findings] != [r.kind for r in case.reports]:
        errors.append(f"the findings are {[finding['kind'] for finding in findings]}")
        return errors
    for finding, expected in zip(findings, case.reports):
        line = expected.lines.get("access")
        place = f"{os.path.basename(args.source)}:{line}"
        if line and finding["place"] != place:
            errors.append(f"{finding['kind']} is at {finding['place']}, not {place}")
    return errors


def main():
    args = parse_arguments()
    case = read_case(args.source)
    person = run(args, case, "format=text")
    machine = run(args, case, "format=json")
    events, errors = read_lines(machine.stderr)
    if not errors:
        errors += order_errors(events)
        errors += check_facts(args, case, events)
        errors += difference(person.stderr.decode(errors="replace"), as_text(events))
    if machine.status != person.status:
        errors.append(f"status {machine.status}, as text {person.status}")
    guarded.finish(errors, [("text", person), ("json", machine)])


if __name__ == "__main__":
    main()
