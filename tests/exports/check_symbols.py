#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that the library exports exactly what exports.map lists, that everything it leaves undefined is
in the reviewed list, and that none of its thread-local variables needs __tls_get_addr, which calls
malloc."""

import argparse
import re
import subprocess
import sys

NEWEST_GLIBC = (2, 36)
# The program's own buffers are flushed at its end, and fork takes the lock of the list of streams; nothing
# else of stdio belongs here.
STDIO_ALLOWED = {"fflush", "_IO_list_lock", "_IO_list_unlock", "_IO_list_resetlock"}
STDIO = re.compile(
    r"_*(v?[dfs]?n?printf(_chk)?|v?[fs]?scanf|f?put[sc]|putchar|getchar|f?get[sc]|f?open(64)?|fdopen|freopen|"
    r"fclose|fread|fwrite|fflush|fseeko?|ftello?|set(v?buf|linebuf)|ungetc|getline|getdelim|perror|"
    r"open_memstream|fmemopen|std(in|out|err)|_IO_.*|v?asprintf)(_unlocked)?")
DYNAMIC_TLS = re.compile(r"__tls_get_addr|R_X86_64_(DTPMOD64|DTPOFF64|TLSDESC)")


def run(*command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


def read_map(path):
    """The names between `global:` and `local:`."""
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"#.*", "", file.read())
    listed = re.search(r"global:(.*?)local:", text, re.DOTALL)[1]
    return [name.strip() for name in listed.split(";") if name.strip()]


def read_list(path):
    with open(path, encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def repeated(names):
    return sorted({name for name in names if names.count(name) > 1})


def check_exports(library, nm, listed):
    # The version script gives its names no version, so nm's last word is the name alone.
    defined = [line.split()[-1] for line in run(nm, "-D", "--defined-only", library).splitlines()]
    for name in sorted(set(defined) - set(listed)):
        yield f"{name} is exported and not in exports.map"
    for name in sorted(set(listed) - set(defined)):
        yield f"{name} is in exports.map and not exported"
    for name in repeated(listed):
        yield f"{name} is in exports.map twice"


def check_undefined(library, nm, listed):
    found = [line.split()[-1] for line in run(nm, "-D", "--undefined-only", library).splitlines()]
    for symbol in sorted(set(found) - set(listed)):
        yield f"{symbol} is undefined and not in undefined.txt"
    for symbol in repeated(listed):
        yield f"{symbol} is in undefined.txt twice"
    if not found:
        yield "nm lists no undefined symbol: the check has checked nothing"
    for symbol in sorted(set(found) | set(listed)):
        name, _, version = symbol.partition("@")
        glibc = re.fullmatch(r"GLIBC_(\d+)\.(\d+)(\.\d+)?", version)
        if version and not glibc:
            yield f"{symbol} comes from elsewhere than the C library"
        if glibc and (int(glibc[1]), int(glibc[2])) > NEWEST_GLIBC:
            yield f"{symbol} is newer than glibc {NEWEST_GLIBC[0]}.{NEWEST_GLIBC[1]}"
        if STDIO.fullmatch(name) and name not in STDIO_ALLOWED:
            yield f"{name} is a function of stdio"


def check_tls(library, readelf):
    for line in run(readelf, "--relocs", "--dyn-syms", "--wide", library).splitlines():
        if DYNAMIC_TLS.search(line):
            yield f"a thread-local variable outside the initial-exec model: {line.strip()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("library", "map", "undefined", "nm", "readelf"):
        parser.add_argument("--" + option, required=True)
    args = parser.parse_args()
    errors = [*check_exports(args.library, args.nm, read_map(args.map)),
              *check_undefined(args.library, args.nm, read_list(args.undefined)),
              *check_tls(args.library, args.readelf)]
    for error in errors:
        print(f"FAIL: {error}")
    sys.exit(1 if errors else 0)


main()
