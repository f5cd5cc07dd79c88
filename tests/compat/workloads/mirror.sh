# SPDX-License-Identifier: MIT
# rsync mirrors a tree of many files, then the changes in it, over a pipe to a second rsync.
set -euo pipefail
mkdir -p from to
for i in $(seq 1 40); do
    mkdir -p "from/folder$i/deeper"
    for j in 1 2 3 4 5; do
        head -n $((i * j * 7)) words.txt >"from/folder$i/file$j"
    done
    ln -s ../file1 "from/folder$i/deeper/link"
    head -c $((i * 3000)) numbers.txt >"from/folder$i/deeper/data"
done
find from -exec touch -h -d '2024-02-03 04:05:06' {} +
# In place of a remote shell: rsync gives it the name of a host and a command.
printf 'shift\nexec "$@"\n' >remote.sh
mirror() {
    /usr/bin/rsync -a --no-owner --no-group --delete --checksum -z --itemize-changes \
        --rsh="/bin/sh $PWD/remote.sh" "$@" from/ host:"$PWD/to/" | sort
}
mirror
for i in $(seq 1 40); do
    tac "from/folder$i/deeper/data" >>"from/folder$i/file1"
    sed -i "$((i + 1))d; s/stem$i /changed /" "from/folder$i/file5"
    mv "from/folder$i/file2" "from/folder$i/moved"
done
rm -r from/folder9 from/folder21
find from -exec touch -h -d '2024-02-04 04:05:06' {} +
mirror --no-whole-file --block-size=700
diff -r from to
