# SPDX-License-Identifier: MIT
# Arrays, associative arrays, string building, expansions and arithmetic, all inside one shell.
set -u
declare -A price=() place=()
names=()
for ((i = 0; i < 30000; i++)); do
    name="item_$((i * 7919 % 30011))"
    names+=("$name")
    price[$name]=$((i * i % 9973))
    place[$name]="shelf ${name#item_} of room $((i % 40))"
done
total=0
rooms=()
for name in "${names[@]}"; do
    total=$((total + price[$name]))
    words=(${place[$name]})
    rooms[words[4]]=$((${rooms[words[4]]:-0} + 1))
done
report=""
for ((i = 0; i < 3000; i++)); do
    name=${names[i]}
    report+="${name^^}: ${place[$name]//shelf/rack}; "
done
for ((i = 0; i < 30000; i += 2)); do
    unset "price[${names[i]}]"
done
echo "$total ${#rooms[@]} ${rooms[7]} ${#report} ${#price[@]} ${report:1000:60}"
