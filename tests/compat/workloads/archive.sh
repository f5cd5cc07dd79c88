# SPDX-License-Identifier: MIT
# Packs, compresses, lists, unpacks and compares a tree of files.
set -eu
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf tree.tar words.txt numbers.txt
xz -k -1 -T2 --block-size=1MiB tree.tar
xz -l tree.tar.xz | tail -n 1 | tr -s ' ' | cut -d' ' -f 2-5
mkdir out
tar -C out -xJf tree.tar.xz
cmp words.txt out/words.txt
tar -tvf tree.tar
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cJf again.tar.xz out
sha256sum tree.tar.xz again.tar.xz
