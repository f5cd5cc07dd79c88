#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds the real programs of scripts/bench from the source of Debian's packages, once plain and once with
AddressSanitizer, which must be compiled in. Ratios of AddressSanitizer are to the plain build: Debian's own
differs from both in its options, libraries and optimisations.

  tests/bench/sanitized.py [--folder FOLDER] [NAME...]

What has been built stays in the folder, build/sanitized if none is given, and is not built again."""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys

from recipes import RECIPES, SAME

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
FOLDER = os.path.join(ROOT, "build", "sanitized")
KINDS = {"plain": "", "address": "-fsanitize=address -fno-omit-frame-pointer"}
# What Debian's patches touch looks newer than what was made from it, and need not be made anew.
KEEP = " ".join(f"{program}=:" for program in ("ACLOCAL", "AUTOCONF", "AUTOHEADER", "AUTOMAKE"))
ASAN_OPTIONS = "detect_leaks=0"  # programs leave to the system what they would free at their end


def output_of(argv, **more):
    return subprocess.run(argv, check=True, text=True, stdout=subprocess.PIPE, **more).stdout


def installed(package):
    """The source package of an installed one, and its version, all of it and upstream's part."""
    return output_of(["dpkg-query", "-W", "-f", "${source:Package} ${source:Version} "
                      "${source:Upstream-Version}", package]).split()


def stamp_of(name, kind):
    """What a build depends on."""
    recipe = RECIPES[name]
    digest = hashlib.sha256((recipe.script + KINDS[kind]).encode()).hexdigest()
    return " ".join(installed(recipe.package)[::2] + [digest])


def programs_of(name, kind, folder=FOLDER):
    """The folder of the programs that were built for a load; None when they were not."""
    name = SAME.get(name, name)
    place = os.path.join(folder, kind, name)
    try:
        with open(os.path.join(place, "made"), encoding="ascii") as file:
            is_current = file.read() == stamp_of(name, kind)
    except FileNotFoundError:
        return None
    return os.path.join(place, "bin") if is_current else None


class Archive:
    """Where source packages come from: the mirrors that apt knows, with lists of our own, since the
    system's may leave sources out and only root may change them."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "archive")
        for name in ("state/lists/partial", "cache/archives/partial", "parts"):
            os.makedirs(os.path.join(self.folder, name), exist_ok=True)
        conf = os.path.join(self.folder, "apt.conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write(f'Dir::State "{self.folder}/state";\nDir::Cache "{self.folder}/cache";\n'
                       f'Dir::Etc::sourcelist "{self.folder}/sources.list";\n'
                       f'Dir::Etc::sourceparts "{self.folder}/parts";\nAPT::Sandbox::User "";\n')
        mirrors = output_of(["apt-get", "indextargets", "--format",
                             "deb-src $(SITE) $(RELEASE) $(COMPONENT)",
                             "Created-By: Packages", "Origin: Debian"])
        with open(os.path.join(self.folder, "sources.list"), "w", encoding="utf-8") as file:
            file.write(mirrors)
        self.env = dict(os.environ, APT_CONFIG=conf, LC_ALL="C")
        subprocess.run(["apt-get", "-q", "update"], check=True, env=self.env,
                       stdout=subprocess.DEVNULL)

    def fetch(self, package):
        """The description file of the source of an installed package. Mirrors drop old revisions: any
        other of the same upstream version will do."""
        source, wanted, upstream = installed(package)
        text = output_of(["apt-cache", "showsrc", "--only-source", source], env=self.env)
        versions = [line.split()[1] for line in text.splitlines() if line.startswith("Version: ")]
        for version in sorted(versions, key=lambda version: version != wanted):
            bare = version.split(":")[-1]
            if bare.rpartition("-")[0] == upstream and subprocess.run(
                    ["apt-get", "-qq", "source", "--download-only", f"{source}={version}"],
                    cwd=self.folder, env=self.env, check=False,
                    stderr=subprocess.DEVNULL).returncode == 0:
                return os.path.join(self.folder, f"{source}_{bare}.dsc")
        raise LookupError(f"no source of {source} {upstream}; there are {', '.join(versions)}")


def build(name, kind, description, folder):
    """Answers whether it worked."""
    place, flags = os.path.join(folder, kind, name), KINDS[kind]
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(os.path.join(place, "bin"))
    source, log = os.path.join(place, "source"), os.path.join(place, "log")
    env = dict(os.environ, PREFIX=place, FLAGS=flags, CC="gcc", CFLAGS=f"-O2 -g {flags}".strip(),
               LDFLAGS=flags, MAKEFLAGS=f"-j{os.cpu_count()} -- {KEEP}", ASAN_OPTIONS=ASAN_OPTIONS,
               LC_ALL="C")
    with open(log, "w", encoding="utf-8") as output:
        for argv, cwd in ((["dpkg-source", "--no-check", "--no-copy", "-x", description, source], place),
                          (["bash", "-eux", "-c", RECIPES[name].script], source)):
            if subprocess.run(argv, cwd=cwd, env=env, check=False, stdin=subprocess.DEVNULL,
                              stdout=output, stderr=output).returncode:
                print(f"sanitized: {name} ({kind}) does not build; see {log}", file=sys.stderr)
                return False
    with open(os.path.join(place, "made"), "w", encoding="ascii") as file:
        file.write(stamp_of(name, kind))
    return True


def missing(names, folder=FOLDER):
    """Those of the loads that could be built, and are not."""
    return [name for name in dict.fromkeys(SAME.get(name, name) for name in names) if name in RECIPES
            and not all(programs_of(name, kind, folder) for kind in KINDS)]


def build_all(names, folder=FOLDER):
    """Builds what is not there yet, and answers whether everything is."""
    wanted = missing(names, folder)
    archive = Archive(folder) if wanted else None
    is_good = True
    for name in wanted:
        print(f"sanitized: building {name}", file=sys.stderr)
        try:
            description = archive.fetch(RECIPES[name].package)
        except LookupError as error:
            print(f"sanitized: {error}", file=sys.stderr)
            is_good = False
            continue
        for kind in KINDS:
            is_good = build(name, kind, description, folder) and is_good
    return is_good


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", default=FOLDER)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(RECIPES))
    args = parser.parse_args()
    if unknown := [name for name in args.names if name not in RECIPES]:
        sys.exit(f"sanitized: no {unknown[0]!r}; there are {', '.join(RECIPES)}")
    subprocess.run([os.path.join(ROOT, "scripts", "install-deps"), "bench"], check=True)
    sys.exit(not build_all(args.names or RECIPES, os.path.abspath(args.folder)))


if __name__ == "__main__":
    main()
