/**
 * A program for the node's Perl that opens TCP connections from the node's network and carries all of them over its stdin and
 * stdout. Frames both ways: type (1 byte), connection id, length (4 bytes each, big-endian), payload. To the node: `O` open
 * ("address port"), `D` data, `F` end of one direction, `R` reset, `W` window (bytes consumed). From it: `C` connected, `E`
 * refused (reason), and D, F, R, W. Neither side sends more than a window of bytes that the other has not consumed, so a
 * connection that is not read holds up no other.
 */
export const windowBytes = 256 * 1024

export const nodeAgent = `
use strict; use Socket qw(:all); use Fcntl; use Errno qw(EINPROGRESS EAGAIN EINTR);
$SIG{PIPE} = 'IGNORE';
my ($in, $out, %c) = ('', '');
sub nonblocking { fcntl($_[0], F_SETFL, fcntl($_[0], F_GETFL, 0) | O_NONBLOCK) }
sub frame { my ($type, $id, $payload) = @_; $out .= pack('aNN', $type, $id, length $payload) . $payload }
sub drop { my $c = delete $c{$_[0]}; close $c->{s} if $c }
sub refuse { my ($id, $why) = @_; frame('E', $id, "$why"); drop($id) }
sub again { $! == EAGAIN || $! == EINTR }
sub dial {
  my ($id, $host, $port) = @_;
  my $six = $host =~ /:/;
  my $ip = inet_pton($six ? AF_INET6 : AF_INET, $host) or return refuse($id, 'not an address');
  socket(my $s, $six ? AF_INET6 : AF_INET, SOCK_STREAM, 0) or return refuse($id, $!);
  nonblocking($s);
  setsockopt($s, IPPROTO_TCP, TCP_NODELAY, 1);
  $c{$id} = { s => $s, n => fileno $s, connecting => 1, o => '', credit => ${windowBytes} };
  my $ok = connect($s, $six ? pack_sockaddr_in6($port, $ip) : pack_sockaddr_in($port, $ip));
  return refuse($id, $!) if !$ok && $! != EINPROGRESS;
}
sub readable {
  my ($id, $c) = @_;
  my $n = sysread($c->{s}, my $bytes, $c->{credit} < 65536 ? $c->{credit} : 65536);
  if (!defined $n) { return if again(); frame('R', $id, ''); return drop($id) }
  if ($n == 0) { frame('F', $id, ''); $c->{eof} = 1; drop($id) if $c->{shut}; return }
  $c->{credit} -= $n;
  frame('D', $id, $bytes);
}
sub writable {
  my ($id, $c) = @_;
  if ($c->{connecting}) {
    $! = unpack('i', getsockopt($c->{s}, SOL_SOCKET, SO_ERROR));
    return refuse($id, $!) if $!;
    $c->{connecting} = 0;
    frame('C', $id, '');
  }
  if (length $c->{o}) {
    my $n = syswrite($c->{s}, $c->{o}, 65536);
    if (!defined $n) { return if again(); frame('R', $id, ''); return drop($id) }
    substr($c->{o}, 0, $n, '');
    frame('W', $id, pack('N', $n));
  }
  if ($c->{fin} && !$c->{shut} && !length $c->{o}) { shutdown($c->{s}, 1); $c->{shut} = 1; drop($id) if $c->{eof} }
}
sub take {
  my ($type, $id, $payload) = @_;
  return dial($id, split / /, $payload) if $type eq 'O';
  my $c = $c{$id} or return;
  if ($type eq 'D') { $c->{o} .= $payload }
  elsif ($type eq 'W') { $c->{credit} += unpack('N', $payload) }
  elsif ($type eq 'F') { $c->{fin} = 1 }
  elsif ($type eq 'R') { setsockopt($c->{s}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)); drop($id) }
}
nonblocking(*STDIN); nonblocking(*STDOUT);
while (1) {
  my ($r, $w) = ('', '');
  vec($r, 0, 1) = 1;
  vec($w, 1, 1) = 1 if length $out;
  for my $c (values %c) {
    vec($r, $c->{n}, 1) = 1 if !$c->{connecting} && !$c->{eof} && $c->{credit} > 0 && length $out < 4194304;
    vec($w, $c->{n}, 1) = 1 if $c->{connecting} || length $c->{o} || ($c->{fin} && !$c->{shut});
  }
  next if select($r, $w, undef, undef) < 0;
  if (vec($r, 0, 1)) {
    my $n = sysread(STDIN, $in, 1048576, length $in);
    exit if defined $n ? $n == 0 : !again();
    while (length $in >= 9) {
      my ($type, $id, $length) = unpack('aNN', $in);
      last if length $in < 9 + $length;
      substr($in, 0, 9, '');
      take($type, $id, substr($in, 0, $length, ''));
    }
  }
  for my $id (keys %c) {
    my $c = $c{$id} or next;
    writable($id, $c) if vec($w, $c->{n}, 1);
    readable($id, $c) if $c{$id} && vec($r, $c->{n}, 1) && !$c->{connecting};
  }
  if (length $out) {
    my $n = syswrite(STDOUT, $out, 1048576);
    exit if !defined $n && !again();
    substr($out, 0, $n, '') if $n;
  }
}
`
