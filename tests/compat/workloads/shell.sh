# SPDX-License-Identifier: MIT
# Pipelines, subshells, substitutions, here-documents, arrays, background jobs and a trap.
set -u

square() {
    local n=$1
    echo $((n * n))
}

total=0
for i in $(seq 1 60); do
    total=$((total + $(square "$i")))
done
echo "sum of squares: $total"

(
    cd /
    total=0
    echo "in a subshell: $total, $(pwd)"
)
echo "after it: $total"

seq 1 5000 | sed 's/^/line /' | grep 7 | tr ' ' '_' | sort -r | head -n 20 | while read -r word; do
    echo "read $word"
done

declare -A seen=()
text=""
for i in {1..2000}; do
    key="key_$((i * 7919 % 101))"
    seen[$key]=$((${seen[$key]:-0} + 1))
    text+="$key,"
done
echo "${#seen[@]} keys, ${#text} characters, ${text:100:40}"

cat <<END
here-document: $(echo nested "$(echo "deeper $((1 + 1))")")
END
mapfile -t lines < <(seq 1 300)
echo "${#lines[@]} lines, last ${lines[-1]}"

for i in 1 2 3 4; do
    (
        words=()
        for j in {1..300}; do words+=("job$i-$j"); done
        echo "${words[*]}" | wc -c >"job.$i"
        exit "$i"
    ) &
    jobs[i]=$!
done
for i in 1 2 3 4; do
    wait "${jobs[i]}"
    echo "job $i ended with $?: $(<"job.$i")"
done

trap 'echo "trap at exit"' EXIT
kill_me() { sh -c 'kill -TERM $$'; }
kill_me 2>/dev/null
echo "killed: $?"
printf '%s\n' "${lines[@]:0:5}" | xargs -n 2 echo args
exit 5
