# SPDX-License-Identifier: MIT
# Lists, dictionaries and strings that grow in place, regular expressions, sorting, coroutines, files.
set in [open words.txt]
set words [regexp -all -inline {\S+} [read $in]]
close $in
set counts [dict create]
foreach word $words {
    dict incr counts $word
}
set pairs {}
dict for {word count} $counts {
    lappend pairs [list $count $word]
}
foreach pair [lrange [lsort -integer -decreasing -index 0 [lsort -index 1 $pairs]] 0 19] {
    puts $pair
}
expr {srand(13)}
set list {}
set text ""
for {set i 0} {$i < 40000} {incr i} {
    lappend list [expr {int(rand() * 100000)}]
    append text [lindex $words [expr {$i * 7919 % [llength $words]}]] " "
    if {$i % 50 == 0} {
        set list [linsert $list [expr {$i % 31}] $i]
        set list [lreplace $list 3 5]
    }
}
puts "[llength $list] [lrange [lsort -integer -unique $list] 0 30]"
puts "[string length $text] [regsub -all {(\w+)ing} $text {<\1>} changed] [string length $changed]"
puts [zlib crc32 [encoding convertto utf-8 $changed]]
puts [zlib crc32 [zlib decompress [zlib compress [encoding convertto utf-8 $text]]]]
proc counter {} {
    yield
    for {set i 0} {1} {incr i} {
        yield [expr {2 ** $i % 1000003}]
    }
}
coroutine next counter
for {set i 0} {$i < 200} {incr i} {
    set last [next]
}
puts $last
proc deep {n} {
    deep [expr {$n + 1}]
}
puts [catch {deep 0} message]:[string range $message 0 30]
set out [open written.txt w]
puts $out [join [lsort $words] \n]
close $out
puts [exec /usr/bin/wc -l < written.txt]
exit 2
