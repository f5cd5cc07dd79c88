# SPDX-License-Identifier: MIT
# A repository of some hundred commits, repacked, collected, checked, cloned, bundled and searched.
set -euo pipefail
git=/usr/bin/git
$git init -q -b main work
cd work
$git config gc.auto 0
$git config pack.threads 2
$git config core.fsync none
{
    for i in $(seq 1 400); do
        printf 'blob\nmark :%d\n' "$i"
        text=$(sed -n "$((i * 3)),$((i * 3 + 60))p" ../words.txt)
        printf 'data %d\n%s\n' "${#text}" "$text"
    done
    printf 'reset refs/heads/main\n'
    for i in $(seq 1 300); do
        printf 'commit refs/heads/main\nmark :%d\n' $((1000 + i))
        printf 'author A. Author <a@example.org> %d +0000\n' $((1700000000 + i * 60))
        printf 'committer A. Author <a@example.org> %d +0000\n' $((1700000000 + i * 60))
        printf 'data <<END\ncommit %d\nEND\n' "$i"
        printf 'M 100644 :%d folder%d/file%d\n' $((i % 400 + 1)) $((i % 9)) $((i % 31))
        printf 'M 100644 :%d top\n' $((i * 7 % 400 + 1))
    done
} | $git fast-import --quiet
$git reset -q --hard
$git repack -q -a -d -f --depth=40 --window=30
$git gc -q --aggressive --prune=now
$git fsck --full --strict
$git count-objects -v | sed '/^size-pack/d'
$git log --format='%H %s' --stat -n 30
$git log -p --all -S stem77 --format=%h | sha256sum
$git blame --porcelain top | sha256sum
$git grep -c 'stem1[0-9]*' | sort
$git bundle create -q ../all.bundle --all
cd ..
$git clone -q all.bundle copy
$git -C copy rev-parse HEAD
$git -C copy format-patch -q -20 --stdout | sha256sum
$git clone -q --bare --no-local work bare.git
$git -C bare.git rev-list --objects --all | sort | sha256sum
rm -rf work copy bare.git all.bundle
