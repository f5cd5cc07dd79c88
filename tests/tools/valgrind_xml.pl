# SPDX-License-Identifier: MIT
# Reads a file in valgrind's XML format with the parser of Debian's libtest-valgrind-perl, which refuses kinds that
# memcheck does not have, and prints what it took from it as JSON.
use strict;
use warnings;

use JSON::PP;

eval { require Test::Valgrind::Parser::XML::Twig; require Test::Valgrind::Tool::memcheck; 1 } or exit 77;

package Session;
our @reports;
sub report_class { 'Test::Valgrind::Tool::memcheck::Report' }

sub report {
    my ($self, $report) = @_;
    push @reports, {kind => $report->kind, id => $report->id, %{$report->data}};
}

package main;
my $session = bless {}, 'Session';
my $parser = Test::Valgrind::Parser::XML::Twig->new;
open my $file, '<', $ARGV[0] or die $!;
$parser->_session($session);
$parser->parse($session, $file);
print JSON::PP->new->ascii->encode(\@Session::reports);
