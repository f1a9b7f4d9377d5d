/** A Perl program for a test pod, which sends back what it receives on the TCP and UDP ports 80 and 81. */
export const echoPorts = `
use strict; use Socket; $SIG{CHLD} = 'IGNORE'; $SIG{TERM} = sub { exit };
for my $port (80, 81) {
  next if fork;
  if (!fork) {
    socket(my $u, PF_INET, SOCK_DGRAM, 0); bind($u, sockaddr_in($port, INADDR_ANY)) or die $!;
    while (defined(my $from = recv($u, my $b, 1500, 0))) { send($u, $b, 0, $from) }
    exit;
  }
  socket(my $l, PF_INET, SOCK_STREAM, 0); setsockopt($l, SOL_SOCKET, SO_REUSEADDR, 1);
  bind($l, sockaddr_in($port, INADDR_ANY)) or die $!; listen($l, 128);
  while (1) {
    accept(my $s, $l) or next;
    if (!fork) { while (sysread($s, my $b, 4096)) { syswrite($s, $b) } exit }
    close $s;
  }
}
sleep;
`

/**
 * A Perl program for a test pod, which tries to reach all targets at once and prints those that answered.
 * Its first argument is the number of seconds, the others are the targets, each as `address:port/protocol`.
 */
export const probePorts = `
use strict; use Socket; use Fcntl;
my $rounds = 10 * shift; my %open;
for my $target (@ARGV) {
  my ($ip, $port, $protocol) = split /[:\\/]/, $target; my $tcp = $protocol eq 'tcp';
  socket(my $s, PF_INET, $tcp ? SOCK_STREAM : SOCK_DGRAM, 0); fcntl($s, F_SETFL, O_NONBLOCK);
  connect($s, sockaddr_in($port, inet_aton($ip)));
  $open{fileno $s} = { socket => $s, target => $target, tcp => $tcp };
}
for my $round (1 .. $rounds) {
  my ($r, $w) = ('', '');
  for my $n (keys %open) {
    my $o = $open{$n};
    if ($o->{tcp}) { vec($w, $n, 1) = 1 } else { send($o->{socket}, 'x', 0) if $round % 5 == 1; vec($r, $n, 1) = 1 }
  }
  last if !%open;
  my $until = select($r, $w, undef, 0.1);
  for my $n (keys %open) {
    my $o = $open{$n}; my $answered = 0;
    if ($o->{tcp} && vec($w, $n, 1)) {
      if (unpack('i', getsockopt($o->{socket}, SOL_SOCKET, SO_ERROR))) { delete $open{$n}; next }
      $answered = 1;
    } elsif (!$o->{tcp} && vec($r, $n, 1)) { $answered = defined recv($o->{socket}, my $b, 10, 0) }
    if ($answered) { print "$o->{target}\\n"; delete $open{$n} }
  }
  select(undef, undef, undef, 0.05) if $round < $rounds;
}
`
