#!/usr/bin/env perl
# SPDX-License-Identifier: BSD-3-Clause
#
# Traffic through two network cards of QEMU's own, seen from the other ends of their cables: two sockets that it connects to
# (-netdev stream).
#
#   traffic.pl FIRST SECOND      sends numbered frames into FIRST, in bursts, and checks those that come out of SECOND
#
# On SIGTERM it reports, as JSON: frames sent, frames that came back as they were but for their addresses, those that came
# changed, and those that have nothing of them, nor are of protocols that a kernel speaks by itself.
use strict;
use warnings;
use IO::Select;
use IO::Socket::UNIX;
use Time::HiRes qw(sleep);

my ($burst, $pause) = (100, 0.01);
my ($sent, $good, $bad, $strange, $stop) = (0, 0, 0, 0, 0);
my ($ahead, $behind) = ('', '');
$SIG{TERM} = sub { $stop = 1 };
$SIG{PIPE} = 'IGNORE';

sub frame
{
	my $number = shift;
	return pack('H24 n N', '02000000fe0102000000fe02', 0x88b5, $number) . join '', map { chr($_ * $number & 255) } 1 .. 46;
}

# Each frame has its length before it, in four bytes.
sub judge
{
	while (length $behind >= 4 and length $behind >= 4 + (my $length = unpack 'N', $behind)) {
		my $frame = substr $behind, 4, $length;

		substr $behind, 0, 4 + $length, '';
		if ($length < 18 or substr($frame, 12, 2) ne "\x88\xb5") {
			$strange++ if $frame !~ /^.{12}(\x08[\x00\x06]|\x86\xdd)/s;
			next;
		}
		substr($frame, 12) eq substr(frame(unpack 'x14 N', $frame), 12) ? $good++ : $bad++;
	}
}

my @listen = map { IO::Socket::UNIX->new(Local => $_, Listen => 1) or die "$_: $!" } @ARGV;
my ($first, $second) = map { scalar $_->accept } @listen;
exit 0 if $stop;
$_->blocking(0) for $first, $second;
until ($stop) {
	if (!length $ahead) {
		$ahead .= pack('N', 64) . frame($sent++) for 1 .. $burst;
	}
	my $written = syswrite $first, $ahead;
	substr $ahead, 0, $written, '' if $written;
	sysread $first, my $ignored, 65536;
	my $read = sysread $second, $behind, 1 << 20, length $behind;
	last if defined $read and not $read; # QEMU is gone
	judge();
	sleep $pause;
}
print "{\"sent\": $sent, \"good\": $good, \"bad\": $bad, \"strange\": $strange}\n";
