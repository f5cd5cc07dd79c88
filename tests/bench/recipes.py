# SPDX-License-Identifier: MIT
"""How sanitized.py builds the real programs of loads.py: one shell script each, which runs in the unpacked
source of the Debian package and puts what the load runs into $PREFIX/bin. $CFLAGS and $LDFLAGS are set;
$FLAGS is what differs between the two builds.

Only the program and its own library are built, with what the load needs of them; both builds leave out
the same. A library is a shared one where Debian's is and where that matters: calls from file to file cost
jq half of its time. There is no cc1: building a compiler, twice, would take hours."""

from dataclasses import dataclass


@dataclass
class Recipe:
    package: str  # Debian's, with the program in it
    script: str


RECIPES = {
    "lua": Recipe("lua5.4", r"""
        rm src/luac.c
        echo '#define DEB_HOST_MULTIARCH "x86_64-linux-gnu"' >src/lua5.4-deb-multiarch.h
        gcc $CFLAGS -DLUA_COMPAT_5_3 -DLUA_USE_LINUX -o "$PREFIX/bin/lua5.4" src/*.c -Wl,-E -lm -ldl
        """),
    # Its configure script is not part of the source.
    "jq": Recipe("jq", r"""
        echo '#define JQ_VERSION "1.6"' >src/version.h
        sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$/\\n"/' src/builtin.jq >src/builtin.inc
        mv src/main.c .
        rm src/inject_errors.c
        CFLAGS="$CFLAGS -w -I. -pthread -D_GNU_SOURCE -DIEEE_8087 -DHAVE_LIBONIG -DHAVE___THREAD
            -DHAVE_MEMMEM -DHAVE_MKSTEMP -DHAVE_ISATTY"
        gcc $CFLAGS -fPIC -shared -o "$PREFIX/bin/libjq.so" src/*.c -lonig -lm
        gcc $CFLAGS -Isrc -o "$PREFIX/bin/jq" main.c "$PREFIX/bin/libjq.so"
        """),
    "gawk": Recipe("gawk", r"""
        ./configure -q --disable-nls --disable-mpfr --without-readline
        make -C support
        make gawk
        cp gawk "$PREFIX/bin"
        """),
    # Of Debian's options those that the load notices.
    "sqlite3": Recipe("sqlite3", r"""
        ./configure -q --disable-readline
        make sqlite3.c shell.c
        CFLAGS="$CFLAGS -pthread -DSQLITE_SECURE_DELETE -DSQLITE_OMIT_LOOKASIDE=1 -DSQLITE_THREADSAFE=1
            -DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_ENABLE_PREUPDATE_HOOK"
        gcc $CFLAGS -fPIC -shared -o "$PREFIX/bin/libsqlite3.so" sqlite3.c -lm
        gcc $CFLAGS -o "$PREFIX/bin/sqlite3" shell.c "$PREFIX/bin/libsqlite3.so"
        """),
    "xmllint": Recipe("libxml2-utils", r"""
        ./configure -q --disable-shared --without-python --without-lzma --without-zlib
        make xmllint
        cp xmllint "$PREFIX/bin"
        """),
    "bash": Recipe("bash", r"""
        ./configure -q --without-bash-malloc --disable-nls
        make bash
        cp bash "$PREFIX/bin"
        """),
    "sort": Recipe("coreutils", r"""
        FORCE_UNSAFE_CONFIGURE=1 ./configure -q --disable-nls --without-openssl
        printf 'headers: $(BUILT_SOURCES)\n' | make -f Makefile -f - headers
        make src/sort
        cp src/sort "$PREFIX/bin"
        """),
    "redis": Recipe("redis-server", r"""
        make -C src MALLOC=libc redis-server redis-cli redis-benchmark
        cp src/redis-server src/redis-cli src/redis-benchmark "$PREFIX/bin"
        """),
    "git": Recipe("git", r"""
        options="prefix=$PREFIX NO_GETTEXT=1 NO_OPENSSL=1 NO_CURL=1 NO_EXPAT=1 NO_PERL=1 NO_PYTHON=1
            NO_TCLTK=1 INSTALL_SYMLINKS=1"
        make $options CFLAGS="$CFLAGS" LDFLAGS="$LDFLAGS" all
        make $options CFLAGS="$CFLAGS" LDFLAGS="$LDFLAGS" install
        """),
    "vim": Recipe("vim", r"""
        ./configure -q --with-features=huge --disable-gui --without-x --disable-nls --disable-gpm \
            --disable-acl --disable-selinux --disable-libsodium --disable-canberra
        make -C src vim
        cp src/vim "$PREFIX/bin"
        """),
    # It finds its modules where it was built.
    "perl": Recipe("perl", r"""
        ./Configure -des -Doptimize="-O2 -g" -Accflags="$FLAGS" -Aldflags="$FLAGS" -Dprivlib="$PWD/lib" \
            -Darchlib="$PWD/lib"
        make perl
        cp perl "$PREFIX/bin"
        """),
    # As above. What it compiles of its modules is left there, since the load (-B) would not.
    "python3": Recipe("python3.11", r"""
        ./configure -q --without-ensurepip
        make python sharedmods
        ./python -c 'import collections, hashlib, json, random, re, subprocess, threading'
        ln -s "$PWD/python" "$PREFIX/bin/python3"
        """),
}

# Loads of a program that another load has, too.
SAME = {"redis-text": "redis"}
