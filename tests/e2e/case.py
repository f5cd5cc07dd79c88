# SPDX-License-Identifier: MIT
"""What a test program says about itself, in the comment on its top and at the ends of its lines.

  // REPORT: KIND; ROLE=MARK; ...
      One report is expected, in this order. ROLE is access, moved, failed, freed or allocated, and
      MARK a line that ends in "HERE: MARK"; now=live or now=freed is what became of the block.
  // STATUS: N
      The exit status under the guard, if it is not 86 (with reports) or the program's own (without).
  // NATIVE: undefined
      Do not run without the guard: anything may happen.
  // NATIVE: LINE, // GUARDED: LINE
      A line of the output of that run. Lines that begin with "address:" are otherwise left out when
      the two outputs are compared; in "address: today 0x..." the address must be in the report.
  // TEXT: REGEX
      Must match somewhere in the reports.
  // OPTIONS: NAME=VALUE:...
      Options of the guard.
"""

import re
from dataclasses import dataclass, field

ROLES = ("access", "moved", "failed", "freed", "allocated")


@dataclass
class Expected:
    kind: str
    lines: dict  # role -> line number
    now: str = ""


@dataclass
class Case:
    source: str
    reports: list = field(default_factory=list)
    status: int = None
    has_native: bool = True
    native_lines: list = field(default_factory=list)
    guarded_lines: list = field(default_factory=list)
    texts: list = field(default_factory=list)
    options: str = ""


def read_marks(lines):
    marks = {}
    for number, line in enumerate(lines, 1):
        match = re.search(r"// HERE: (\w+)$", line)
        if match:
            if match[1] in marks:
                raise ValueError(f"line {number}: HERE: {match[1]} is there twice")
            marks[match[1]] = number
    return marks


def read_report(text, marks):
    kind, *facts = [part.strip() for part in text.split(";")]
    expected = Expected(kind, {})
    for fact in facts:
        role, _, value = fact.partition("=")
        if role == "now":
            expected.now = value
        elif role in ROLES:
            expected.lines[role] = marks[value]
        else:
            raise ValueError(f"unknown role {role}")
    return expected


def read_case(path):
    with open(path, encoding="utf-8") as source:
        lines = source.read().splitlines()
    marks = read_marks(lines)
    case = Case(path)
    for line in lines:
        match = re.match(r"// ([A-Z]+): (.*)", line)
        if not match:
            continue
        word, value = match.groups()
        if word == "REPORT":
            case.reports.append(read_report(value, marks))
        elif word == "STATUS":
            case.status = int(value)
        elif word == "NATIVE" and value == "undefined":
            case.has_native = False
        elif word == "NATIVE":
            case.native_lines.append(value)
        elif word == "GUARDED":
            case.guarded_lines.append(value)
        elif word == "TEXT":
            case.texts.append(value)
        elif word == "OPTIONS":
            case.options = value
    return case
