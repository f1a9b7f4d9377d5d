import { PassThrough } from 'node:stream'
import type { PodRef, PodStreams } from '../../../../src/kube/api.ts'

/** A Perl program for a test pod: connects to an address and a port, sends each line of its input, and prints each answer. */
const client = `
use strict; use Socket; $| = 1;
socket(my $s, PF_INET, SOCK_STREAM, 0); connect($s, sockaddr_in($ARGV[1], inet_aton($ARGV[0]))) or die $!;
print "connected\\n";
while (my $line = <STDIN>) { syswrite($s, $line); sysread($s, my $b, 4096); print $b }
`

/** A TCP connection from one pod to another that stays open. */
export interface PodConnection {
  /** Sends a line and gives the answer. */
  send(line: string): Promise<string>
  /** Closes the connection. Throws when it failed before. */
  close(): Promise<void>
}

/** Connects from a pod to port 80 of an address, where a server must send back what it receives. */
export async function connectFromPod(
  streams: PodStreams,
  from: PodRef,
  ip: string,
  signal: AbortSignal,
): Promise<PodConnection> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const command = ['perl', '-e', client, ip, '80']
  const ended = streams.exec(from, command, { stdin, stdout, stderr, tty: false, signal })
  const output = stdout[Symbol.asyncIterator]()
  const answer = async () => String((await output.next()).value)
  const first = await answer()
  if (first !== 'connected\n') throw new Error(`the client could not connect: ${first}`)
  return {
    send(line) {
      stdin.write(line)
      return answer()
    },
    async close() {
      stdin.end()
      const code = await ended
      if (code !== 0) throw new Error(`the client exited with ${code}: ${String(stderr.read() ?? '')}`)
    },
  }
}
