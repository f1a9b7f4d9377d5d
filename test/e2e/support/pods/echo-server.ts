import { connect } from 'node:net'

/**
 * A Perl program for a test pod, which listens on three ports:
 * - 7000 sends back what it receives, and closes when the client has closed its direction.
 * - 7001 reads to the end, waits two seconds, and answers with the number of bytes and three million times `x`.
 * - 7002 is like 7000, but listens on the pod's loopback only.
 */
export const echoServer = `
use strict; use Socket; $SIG{CHLD} = 'IGNORE'; $SIG{TERM} = sub { exit };
sub serve {
  my ($port, $address, $answer) = @_;
  return if fork;
  socket(my $l, PF_INET, SOCK_STREAM, 0); setsockopt($l, SOL_SOCKET, SO_REUSEADDR, 1);
  bind($l, sockaddr_in($port, $address)) or die $!; listen($l, 1024);
  while (1) {
    accept(my $s, $l) or next;
    if (!fork) { close $l; $answer->($s); close $s; exit }
    close $s;
  }
}
sub put { my ($s, $b) = @_; while (length $b) { my $n = syswrite($s, $b) or exit; substr($b, 0, $n, '') } }
sub echo { my $s = shift; while (sysread($s, my $b, 65536)) { put($s, $b) } shutdown($s, 1) }
serve(7000, INADDR_ANY, \\&echo);
serve(7001, INADDR_ANY, sub {
  my $s = shift; my $n = 0;
  while (my $r = sysread($s, my $b, 65536)) { $n += $r }
  sleep 2; put($s, "got $n\\n"); put($s, 'x' x 3000000); shutdown($s, 1);
});
serve(7002, INADDR_LOOPBACK, \\&echo);
sleep;
`

/** Sends data to a port of this machine, closes the sending direction, and gives the whole answer. */
export async function exchange(port: number, data: Buffer | string): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.end(data)
  return Buffer.concat(await socket.toArray())
}

/** Sends data to a port of this machine and gives the first chunk of the answer; '' when the connection ends without one. */
export async function firstBytes(port: number, data: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write(data)
  for await (const chunk of socket) return String(chunk)
  return ''
}
