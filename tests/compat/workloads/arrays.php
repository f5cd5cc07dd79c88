<?php
// SPDX-License-Identifier: MIT
// Arrays and strings that grow, sorting, regular expressions, serialising, generators, exceptions.
// (USE_ZEND_ALLOC=0 makes each of PHP's blocks one of malloc's.)
mt_srand(11);
$words = preg_split('/\s+/', file_get_contents('words.txt'), -1, PREG_SPLIT_NO_EMPTY);
$counts = array_count_values($words);
uksort($counts, fn($a, $b) => [$counts[$b], $a] <=> [$counts[$a], $b]);
foreach (array_slice($counts, 0, 20) as $word => $count) {
    printf("%6d %s\n", $count, $word);
}
function walk(int $n) {
    for ($i = 0; $i < $n; $i++) {
        try {
            yield $i => intdiv($i, $i % 7);
        } catch (DivisionByZeroError $e) {
            yield $i => -1;
        }
    }
}
echo array_sum(iterator_to_array(walk(20000))), "\n";
$text = '';
$list = [];
for ($i = 0; $i < 60000; $i++) {
    $text .= $words[mt_rand(0, count($words) - 1)] . ' ';
    $list["k" . mt_rand(0, 9000)][] = $i;
    if ($i % 10 == 0) {
        unset($list["k" . mt_rand(0, 9000)]);
    }
}
ksort($list);
echo md5($text), ' ', md5(serialize($list)), ' ', md5(json_encode($list)), "\n";
echo md5(preg_replace_callback('/(\w+)ing/', fn($m) => strtoupper($m[1]) . strlen($m[0]), $text)), "\n";
$copy = unserialize(serialize($list));
echo $copy == $list ? "same" : "different", ' ', count($copy), "\n";
$object = new ArrayObject(range(1, 5000));
$object->uasort(fn($a, $b) => $a % 100 <=> $b % 100 ?: $a <=> $b);
echo md5(implode(',', (array) $object)), ' ', levenshtein('kitten', 'sitting'), "\n";
echo md5(str_repeat(strrev($text), 20)), ' ', number_format(strlen($text) / 7, 2), "\n";
exit(4);
