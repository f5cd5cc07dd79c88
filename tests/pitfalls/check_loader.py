#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the loader makes of the library: thread-local storage that needs no call (__tls_get_addr may
call malloc), and an unwinder of its own that does not take the program's exceptions."""

import argparse
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import guarded  # noqa: E402


def check_thread_local(library):
    """Only the initial-exec model, whose relocation is TPOFF64, needs neither a call nor malloc."""
    told = subprocess.run(["readelf", "-rW", "--dyn-syms", library], capture_output=True, text=True,
                          check=True).stdout
    errors = [f"has {word}" for word in ("__tls_get_addr", "DTPMOD64", "DTPOFF64", "TLSDESC")
              if word in told]
    if "R_X86_64_" not in told:
        errors.append("readelf shows no relocations at all")
    return errors


def check_unwinder(args):
    """Whose _Unwind_RaiseException the plug-in's C++ library is bound to."""
    guard = guarded.guard_of(args)
    result = guarded.run([os.path.abspath(args.host), os.path.abspath(args.plugin)], guard,
                         env={"LD_DEBUG": "bindings"})
    errors = guarded.loading_errors(result, args.host)
    bindings = re.findall(r"binding file (\S+) \[\d+\] to (\S+) \[\d+\]: normal symbol "
                          r"`_Unwind_RaiseException'", result.stderr.decode(errors="replace"))
    named = {(os.path.basename(file), os.path.basename(target)) for file, target in bindings}
    if ("libstdc++.so.6", "libgcc_s.so.1") not in named:
        errors.append("libstdc++ is not bound to the _Unwind_RaiseException of libgcc_s")
    # An unwinder that the guard loads for itself may only be bound to itself.
    errors += [f"_Unwind_RaiseException of {file} is that of {target}" for file, target in named
               if target not in ("libgcc_s.so.1", file)]
    if result.status != 0 or result.stdout != b"caught: 100\n":
        errors.append(f"status {result.status}, output {result.stdout!r}")
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("guard", "witness", "options", "host", "plugin"):
        parser.add_argument("--" + name, required=True)
    args = parser.parse_args()
    guarded.skip_unless_possible(args.options)
    guarded.finish(check_thread_local(args.guard) + check_unwinder(args))


if __name__ == "__main__":
    main()
