# SPDX-License-Identifier: MIT
# A server and a client on a socket; ends when the server has.
set -eu
coproc server {
    exec redis-server --port 0 --unixsocket keys.sock --save '' --appendonly no
}
# The shell forgets both as soon as the server has ended.
pid=$server_PID
exec 9<&"${server[0]}"
while read -r line <&9; do
    [[ $line != *'ready to accept'* ]] || break
done
redis-cli -s keys.sock --pipe <keys.txt | tail -n 1
redis-cli -s keys.sock dbsize
redis-cli -s keys.sock shutdown nosave
cat <&9 >/dev/null
wait "$pid"
