# SPDX-License-Identifier: MIT
# A repository is packed anew, read in several ways, and checked.
set -eu
cd repository
git repack -a -d -f -q --threads=1
git log -p --stat --format='%h %an %s' | wc -c
git blame folder_1/file_1.txt | wc -l
git fsck --strict --no-progress
