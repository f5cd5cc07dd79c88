# SPDX-License-Identifier: MIT
# A browser without a window runs the script in a page and prints the page as it is then.
set -euo pipefail
browse() {
    /usr/bin/chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync \
        --disable-dev-shm-usage --user-data-dir="$PWD/tmp/profile" "$@" 2>/dev/null
}
browse --version
browse --dump-dom "file://$PWD/page.html"
rm -rf tmp/profile
