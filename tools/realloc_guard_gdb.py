# SPDX-License-Identifier: MIT
"""Commands of gdb that ask realloc_guard about pointers of the program that is debugged:

    (gdb) source realloc_guard_gdb.py
    (gdb) realloc-guard describe pointer + 4
    (gdb) realloc-guard lineage pointer
    (gdb) realloc-guard find-lost

They call functions of the guard (src/realloc_guard.h) in the live process, whose other threads stay stopped
meanwhile. It may have been stopped anywhere, also within malloc. docs/debugger.md shows a session.
"""

import re

import gdb

ROOM = 128 * 1024
STACK_LINE = re.compile(r"^    (=>|  ) #\d+ |^       \(no stack was recorded\)")
ADDRESSES = re.compile(r"^(  .*by thread \d+):((?: 0x[0-9a-f]+)+)$")
PREFIX = re.compile(r"^==\d+== realloc_guard: ")
IN_THE_MIDDLE = "  the guard is in the middle of its work"
MMAP = "((void *(*)(void *, unsigned long, int, int, int, long))mmap)(0, {}, 3, 0x22, -1, 0)"
MUNMAP = "((int (*)(void *, unsigned long))munmap)({}, {})"


def evaluate(expression):
    try:
        return gdb.parse_and_eval(expression)
    except gdb.error as error:
        raise gdb.GdbError(f"realloc-guard: {error}") from None


def require_guard(function):
    """There is a live process with the guard in it."""
    try:
        is_live = gdb.selected_inferior().pid > 0 and gdb.selected_thread() is not None
        gdb.parse_and_eval("$sp")
    except gdb.error:
        is_live = False
    if not is_live:
        raise gdb.GdbError("realloc-guard: there is no process; run the program, or attach to it")
    if "core dump file" in gdb.execute("info target", to_string=True):
        raise gdb.GdbError("realloc-guard: a core file cannot be asked; run the program, or attach to it")
    try:
        gdb.parse_and_eval(f"&{function}")
    except gdb.error:
        raise gdb.GdbError("realloc-guard: the guard is not in this process, or too old; start the program by "
                           "realloc-guard -- PROGRAM, or with LD_PRELOAD") from None


class OthersStopped:
    """Other threads do not run while functions are called."""

    def __enter__(self):
        self.before = gdb.parameter("scheduler-locking")
        gdb.execute("set scheduler-locking on", to_string=True)

    def __exit__(self, *_):
        gdb.execute(f"set scheduler-locking {self.before}", to_string=True)


def ask(address):
    """The guard's description of the address, "" where it knows none."""
    with OthersStopped():
        room = int(evaluate(MMAP.format(ROOM)).cast(gdb.lookup_type("long")))
        if -4096 < room < 0:
            raise gdb.GdbError("realloc-guard: the process has no memory left for the answer")
        try:
            length = int(evaluate("((unsigned long (*)(unsigned long, unsigned long, unsigned long))"
                                  f"realloc_guard_describe_to)({address}, {room}, {ROOM})"))
            text = gdb.selected_inferior().read_memory(room, min(length, ROOM - 1))
            return bytes(text).decode(errors="replace")
        finally:
            evaluate(MUNMAP.format(room, ROOM))


def name_address(number, address):
    """The name of the function, and a line for an address of code that the guard could not look up: it is behind the call."""
    place = gdb.find_pc_line(address - 1)
    symbol = gdb.execute(f"info symbol {address - 1:#x}", to_string=True).strip()
    symbol = re.sub(r" in section \S+( of .*)?$", "", symbol)
    name = "??" if symbol.startswith("No symbol") else re.sub(r" \+ \d+$", "", symbol)
    where = f"  {place.symtab.filename}:{place.line}" if place.symtab else f"  ({address:#x})"
    return name, f"    {'=>' if number == 0 else '  '} #{number} {name}{where}"


def name_addresses(text):
    for line in text.splitlines():
        match = ADDRESSES.match(line)
        if match:
            yield match[1]
            for number, address in enumerate(match[2].split()):
                name, frame = name_address(number, int(address, 16))
                yield frame
                if name == "main":
                    break
        elif not line.startswith(IN_THE_MIDDLE):
            yield line


def address_of(words, command):
    if not words.strip():
        raise gdb.GdbError(f"realloc-guard: {command} takes a pointer; write realloc-guard {command} EXPRESSION")
    value = evaluate(words)
    try:
        return int(value.cast(gdb.lookup_type("unsigned long")))
    except gdb.error as error:
        raise gdb.GdbError(f"realloc-guard: {words} is no pointer that can be read ({error})") from None


def describe(words, command):
    require_guard("realloc_guard_describe_to")
    address = address_of(words, command)
    text = ask(address)
    if not text:
        return [f"{address:#x} is in no block that the guard has handed out"]
    return [PREFIX.sub("", line) for line in name_addresses(text)]


class Guard(gdb.Command):
    """Ask realloc_guard about the program's pointers."""

    def __init__(self):
        super().__init__("realloc-guard", gdb.COMMAND_DATA, prefix=True)


class Describe(gdb.Command):
    """Tell which block an address belongs to, its state, and who allocated, moved and freed it.
Usage: realloc-guard describe EXPRESSION"""

    def __init__(self):
        super().__init__("realloc-guard describe", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, words, _):
        print("\n".join(describe(words, "describe")))


class Lineage(gdb.Command):
    """Tell where the block of an address has been, without stacks.
Usage: realloc-guard lineage EXPRESSION"""

    def __init__(self):
        super().__init__("realloc-guard lineage", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, words, _):
        lines = describe(words, "lineage")
        for line in lines:
            # Of each stack the frame that is marked.
            if not STACK_LINE.match(line) or line.startswith("    =>"):
                print(line)


class FindLost(gdb.Command):
    """Look for blocks that were lost when a realloc of them failed, and report them where reports go.
Usage: realloc-guard find-lost"""

    def __init__(self):
        super().__init__("realloc-guard find-lost", gdb.COMMAND_DATA, gdb.COMPLETE_NONE)

    def invoke(self, words, _):
        if words.strip():
            raise gdb.GdbError("realloc-guard: find-lost takes no arguments")
        require_guard("realloc_guard_find_lost")
        with OthersStopped():
            count = int(evaluate("(int)realloc_guard_find_lost()"))
        if count < 0:
            print("it cannot be told here: other threads are alive, or the program is within malloc")
        else:
            print(f"{count} block{'' if count == 1 else 's'} lost since the last time"
                  + ("; the report is where reports go" if count else ""))


Guard()
Describe()
Lineage()
FindLost()
