# SPDX-License-Identifier: MIT
# A server and a client on a socket; ends when the server has. $1: what the client does.
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
case $1 in
    benchmark)
        # Its keys are random and its figures are times: only that it went well is the same each time.
        redis-benchmark -s keys.sock -q -n 20000 -P 8 -c 20 -r 20000 -d 100 \
            -t set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,mset,lrange_100 >benchmark.txt
        tr '\r' '\n' <benchmark.txt | grep -c 'requests per second'
        ;;
    text)
        redis-cli -s keys.sock --pipe <keys.txt | tail -n 1
        redis-cli -s keys.sock dbsize
        ;;
esac
redis-cli -s keys.sock shutdown nosave
cat <&9 >/dev/null
wait "$pid"
