#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A program runs where little is to be had: in a folder as its root with nothing but the libraries
it needs, without /proc; as process 1; in a user namespace. Its output is as without the guard, and
its one stale write is reported, with function, and with source line or module and offset."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "e2e")]
import guarded  # noqa: E402
from report import parse  # noqa: E402

AS_ROOT = [] if os.getuid() == 0 else ["--map-root-user"]
WITH_LINE = r"=> #0 use_stale  .*contained\.c:\d+\n"
WITH_OFFSET = r"=> #0 use_stale  \(contained\+0x[0-9a-f]+\)"
NO_HELPER = (r"realloc_guard: the helper that looks up source lines was not started, since this "
             r"process adopts orphans; reports show functions and offsets\n")


def in_namespace(flags, before=":"):
    """A command that runs the program, given behind it, in namespaces of its own."""
    return ["unshare", *AS_ROOT, *flags, "sh", "-c", before + ' && exec "$@"', "sh"]


# place: command, what the report must contain
PLACES = {
    "chroot": (None, [WITH_OFFSET]),
    "pid_1": (in_namespace(["--pid", "--fork"]), [WITH_OFFSET, NO_HELPER, r"^==1== stale write"]),
    "user": (in_namespace(["--user"]), [WITH_LINE]),
    "no_proc": (in_namespace(["--mount"], "mount -t tmpfs none /proc"), [WITH_LINE]),
}


def make_root(args, folder):
    """Puts the program, the guard and the libraries of both into the folder."""
    for file in (args.exe, args.guard):
        shutil.copy(file, folder)
    listed = subprocess.run(["ldd", args.exe, args.guard,
                             "/usr/lib/x86_64-linux-gnu/libunwind.so.8"],
                            capture_output=True, text=True, check=True).stdout
    libraries = set(re.findall(r"(/\S+\.so[.0-9]*) \(0x", listed))
    for library in libraries | {"/usr/lib/x86_64-linux-gnu/libunwind.so.8"}:
        place = folder + library
        os.makedirs(os.path.dirname(place), exist_ok=True)
        shutil.copy(library, place)


def run_in_root(args, variables):
    with tempfile.TemporaryDirectory(prefix="rg-root-") as folder:
        make_root(args, folder)
        done = subprocess.run(["/" + os.path.basename(args.exe)], env=variables,
                              capture_output=True, preexec_fn=lambda: os.chroot(folder))
        return guarded.Result(done.returncode, done.stdout, done.stderr)


def run(args, with_guard):
    if args.place == "chroot":
        library = "/" + os.path.basename(args.guard)
    else:
        library = os.path.abspath(args.guard)
    variables = {"LD_PRELOAD": library, "REALLOC_GUARD_OPTIONS": args.options} if with_guard else {}
    if args.place == "chroot":
        return run_in_root(args, variables)
    # env sets them for the program alone.
    words = ["env", *(f"{name}={value}" for name, value in variables.items())]
    return guarded.run(PLACES[args.place][0] + words + [os.path.abspath(args.exe)])


def skip_unless_allowed(args):
    if args.place == "chroot" and AS_ROOT:
        # Once more, as the root of a user namespace.
        command = ["unshare", *AS_ROOT, sys.executable, *sys.argv]
        if subprocess.run(command[:2] + ["true"], capture_output=True).returncode == 0:
            os.execvp(command[0], command)
        print("SKIP: neither root nor user namespaces")
        sys.exit(guarded.SKIP)
    command = PLACES[args.place][0]
    if command and subprocess.run(command + ["true"], capture_output=True).returncode != 0:
        print("SKIP: such namespaces cannot be made here")
        sys.exit(guarded.SKIP)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("guard", "witness", "options", "exe"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("place", choices=PLACES)
    args = parser.parse_args()
    guarded.skip_unless_possible(args.options)
    skip_unless_allowed(args)
    native, result = run(args, False), run(args, True)
    text = result.stderr.decode(errors="replace")
    errors = []
    if native.status != 0 or result.stdout != native.stdout:
        errors.append("the output is not that of the run without the guard")
    if result.status != guarded.MISUSE_STATUS:
        errors.append(f"ended with status {result.status}")
    if [report.kind for report in parse(text)] != ["stale write"]:
        errors.append("must report one stale write")
    errors += [f"no text like {regex!r}" for regex in PLACES[args.place][1]
               if not re.search(regex, text, re.MULTILINE)]
    guarded.finish(errors, [("native", native), ("guarded", result)])


if __name__ == "__main__":
    main()
