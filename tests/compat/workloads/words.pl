# SPDX-License-Identifier: MIT
# Hashes, regular expressions, sorting, closures, string growth, a pipe and a fork.
use strict;
use warnings;

my (%count, @lines);
open(my $in, '<', 'words.txt') or die;
while (my $line = <$in>) {
    chomp $line;
    push @lines, $line;
    $count{lc $1}++ while $line =~ /(\w+)/g;
}
close $in;
for my $word ((sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count)[0 .. 20]) {
    printf "%-12s %d\n", $word, $count{$word};
}
my $long = '';
$long .= sprintf('%05d;', $_) for 1 .. 60000;
my @parts = split /;/, $long;
print scalar(@parts), ' ', length($long), "\n";
my @adders = map { my $n = $_; sub { $_[0] + $n } } 1 .. 100;
my $sum = 0;
$sum = $_->($sum) for @adders;
print "$sum\n";
(my $changed = join("\n", @lines)) =~ s/(\w)(\w+)/\u$1$2/g;
print substr($changed, 0, 200), "\n";
$| = 1;
my $child = fork();
if ($child == 0) {
    $count{child} = join(',', (1) x 1000);
    exit(length($count{child}) % 256);
}
waitpid($child, 0);
print 'child: ', $? >> 8, ' ', exists $count{child} ? 'seen' : 'unseen', "\n";
print `echo from a shell`;
