#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs one test program natively and under the guard and compares what happens with what its source
says must happen (case.py). Exit status 0 pass, 1 fail, 77 skip."""

import argparse
import difflib
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import guarded  # noqa: E402
from case import read_case  # noqa: E402
from report import ASKED, SUMMARY, normalise, own_frame, own_offsets, parse  # noqa: E402


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", required=True, help="the program's source, with directives")
    parser.add_argument("--exe", required=True)
    parser.add_argument("--guard", help="librealloc_guard.so")
    parser.add_argument("--witness", help="libwitness.so")
    parser.add_argument("--options", default="", help="value of REALLOC_GUARD_OPTIONS")
    parser.add_argument("--twin", help="the program with its symbols, if --exe was stripped")
    parser.add_argument("--expected", help="file with the expected reports")
    parser.add_argument("--bless", action="store_true", help="rewrite --expected")
    parser.add_argument("--native-only", action="store_true")
    parser.add_argument("arguments", nargs="*", help="arguments of the program")
    return parser.parse_args()


def split_output(result):
    """Lines to compare between the runs, and the lines about addresses."""
    lines = result.stdout.decode(errors="replace").splitlines()
    return ([line for line in lines if not line.startswith("address:")],
            [line for line in lines if line.startswith("address:")])


def check_lines(who, wanted, result):
    lines = result.stdout.decode(errors="replace").splitlines()
    return [f"{who} run did not print {line!r}" for line in wanted if line not in lines]


def check_native(case, native):
    errors = check_lines("native", case.native_lines, native)
    if native.status not in (0, case.status):
        errors.append(f"native run ended with status {native.status}")
    if native.stderr:
        errors.append("native run wrote to standard error")
    return errors


def check_location(args, role, frames, line):
    """Whether the first frame of the program's own code is at the expected line."""
    if not frames:
        return [f"no backtrace for {role}"]
    if args.twin:
        offsets = own_offsets(frames, args.exe)
        if not offsets:
            return [f"{role}: no frame with an offset in {os.path.basename(args.exe)}"]
        looked_up = subprocess.run(
            ["/usr/bin/addr2line", "-e", args.twin, hex(offsets[0]), hex(offsets[0] - 1)],
            capture_output=True, text=True, check=True).stdout
        wanted = f"{os.path.basename(args.source)}:{line}"
        found = [re.sub(r" \(discriminator.*", "", os.path.basename(place))
                 for place in looked_up.splitlines()]
        return [] if wanted in found else [f"{role}: offset is {found}, not {wanted}"]
    own = own_frame(frames, args.source)
    if not own:
        return [f"{role}: no frame in {os.path.basename(args.source)}"]
    found, frame = own
    errors = []
    if found != line:
        errors.append(f"{role} is said to be at line {found}, must be {line}")
    arrows = [other for other in frames if other.lstrip().startswith("=>")]
    if arrows != [frame]:
        errors.append(f"{role}: the arrow is not at the first frame of the program's own code")
    return errors


def check_report(args, number, expected, report):
    errors = []
    if report.kind != expected.kind:
        errors.append(f"is {report.title!r}, must be a {expected.kind}")
    for role, line in expected.lines.items():
        errors += check_location(args, role, report.frames.get(role), line)
    # A finding that no call makes, but the guard's own look, has no access.
    line = expected.lines.get("access", expected.lines.get("allocated"))
    place = f"{os.path.basename(args.source)}:{line}"
    if not args.twin and place not in report.title:
        errors.append(f"its first line does not name {place}")
    if expected.now and report.now() != expected.now:
        errors.append(f"block is said to be {report.now()}, must be {expected.now}")
    if "librealloc_guard" in "\n".join(report.lines):
        errors.append("shows frames of the guard itself")
    return [f"report {number}: {error}" for error in errors]


def check_reports(args, case, result):
    text = result.stderr.decode(errors="replace")
    reports = parse(text)
    errors = []
    if len(reports) != len(case.reports):
        errors.append(f"{len(reports)} reports, must be {len(case.reports)}: "
                      + "; ".join(report.title for report in reports))
    for number, (expected, report) in enumerate(zip(case.reports, reports), 1):
        errors += check_report(args, number, expected, report)
    if not args.twin:
        errors += [f"no text like {regex!r}" for regex in case.texts if not re.search(regex, text)]
    today = re.search(rb"^address: today (0x[0-9a-f]+)", result.stdout, re.MULTILINE)
    if today and today[1].decode() not in text:
        errors.append(f"the block's address today, {today[1].decode()}, is not named")
    summary = SUMMARY.search(text)
    # A process that is killed prints none.
    is_killed = case.status is not None and case.status < 0
    if not is_killed and (not summary or int(summary[1]) != len(case.reports)):
        errors.append(f"no summary of {len(case.reports)} misuses")
    return errors


def check_guarded(args, case, native, result):
    errors = guarded.loading_errors(result, args.exe)
    errors += check_lines("guarded", case.guarded_lines, result)
    own_status = native.status if native else 0
    status = guarded.MISUSE_STATUS if case.reports else own_status
    status = status if case.status is None else case.status
    if result.status != status:
        errors.append(f"guarded run ended with status {result.status}, must be {status}")
    if native and split_output(native)[0] != split_output(result)[0]:
        errors.append("output differs from that of the native run")
    if case.reports:
        errors += check_reports(args, case, result)
    elif ASKED.sub("", result.stderr.decode(errors="replace")):
        errors.append("not silent")
    return errors


def check_expected(args, result):
    text = normalise(result.stderr.decode(errors="replace"))
    if args.bless:
        os.makedirs(os.path.dirname(args.expected), exist_ok=True)
        with open(args.expected, "w", encoding="utf-8") as expected:
            expected.write(text)
        return []
    if not os.path.exists(args.expected):
        return [f"{args.expected} is missing: see scripts/bless"]
    with open(args.expected, encoding="utf-8") as expected:
        difference = list(difflib.unified_diff(expected.read().splitlines(), text.splitlines(),
                                               "expected", "reported", lineterm=""))
    return ["the report is not the expected one:\n" + "\n".join(difference)] if difference else []


def main():
    args = parse_arguments()
    case = read_case(args.source)
    args.options = ":".join(filter(None, [args.options, case.options]))
    argv = [os.path.abspath(args.exe), *args.arguments]
    native = guarded.run(argv) if case.has_native else None
    errors = check_native(case, native) if native else []
    result = None
    if not args.native_only:
        guarded.skip_unless_possible(args.options)
        guard = guarded.guard_of(args)
        result = guarded.run(argv, guard)
        errors += check_guarded(args, case, native, result)
        if args.expected and not errors:
            errors += check_expected(args, result)
    guarded.finish(errors, [("native", native), ("guarded", result)])


if __name__ == "__main__":
    main()
