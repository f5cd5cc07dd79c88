# SPDX-License-Identifier: MIT
# Associative arrays, field splitting, string functions, sorting and a pipe to another program.
{
    for (i = 1; i <= NF; i++) {
        count[tolower($i)]++
        lengths[length($i)]++
    }
    if (match($0, /[a-z]+ing/)) {
        found[substr($0, RSTART, RLENGTH)]++
    }
    gsub(/[aeiou]/, "&&")
    total += length($0)
    joined = joined substr($0, 1, 3)
}
END {
    n = asorti(count, sorted)
    for (i = 1; i <= n && i <= 25; i++) {
        print sorted[i], count[sorted[i]]
    }
    for (l in lengths) {
        print l, lengths[l] | "sort -n"
    }
    close("sort -n")
    print total, length(joined), n, length(found)
    for (i = 0; i < 30000; i++) {
        squares[i] = i * i
        if (i % 3 == 0) {
            delete squares[i / 3]
        }
    }
    print length(squares), sprintf("%.3f", total / NR), strftime("%Y", 0, 1)
}
