# SPDX-License-Identifier: MIT
# A repository with some history, packed, collected and checked.
set -eu
git init -q -b main repository
cd repository
git config pack.threads 1
git config gc.auto 0
for i in $(seq 1 12); do
    mkdir -p "folder_$((i % 3))"
    seq "$i" "$((i * 200))" >"folder_$((i % 3))/file_$i.txt"
    echo "change $i" >>notes.txt
    git add -A
    git commit -q -m "commit $i: change the notes"
done
git checkout -q -b side HEAD~4
echo "a side" >side.txt
git add side.txt
git commit -q -m "side: add a file"
git checkout -q main
git merge -q --no-edit side
git log --graph --stat --format='%h %an %ad %s' | cat
git diff HEAD~5 -- notes.txt
git blame notes.txt
git repack -a -d -q -f
git gc -q --prune=now
git fsck --full --strict
git ls-files -s
git status --short --branch
git archive --format=tar HEAD | sha256sum
git clone -q . ../clone
git -C ../clone rev-parse HEAD
