import { PassThrough } from 'node:stream'
import type { PodRef, PodStreams } from '../../../src/kube/api.ts'

/** Connects to the address and port of its arguments, then sends each line of its input and prints what comes back. A Perl program for a test pod. */
const lineClient = `
use strict; use Socket; $| = 1;
socket(my $s, PF_INET, SOCK_STREAM, 0); connect($s, sockaddr_in($ARGV[1], inet_aton($ARGV[0]))) or die $!;
print "connected\\n";
while (my $line = <STDIN>) { syswrite($s, $line); sysread($s, my $b, 4096); print $b }
`

/** A connection between two pods that stays open. */
export interface Line {
  /** Sends a line and gives what comes back. */
  ask(line: string): Promise<string>
  end(): Promise<void>
}

/** Opens a connection from a pod to port 80 of an address, where an echo must listen. */
export async function openLine(streams: PodStreams, from: PodRef, ip: string, signal: AbortSignal): Promise<Line> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const command = ['perl', '-e', lineClient, ip, '80']
  const talk = streams.exec(from, command, { stdin, stdout, stderr, tty: false, signal })
  const output = stdout[Symbol.asyncIterator]()
  const heard = async () => String((await output.next()).value)
  const first = await heard()
  if (first !== 'connected\n') throw new Error(`the line says ${first}`)
  return {
    ask(line) {
      stdin.write(line)
      return heard()
    },
    async end() {
      stdin.end()
      const code = await talk
      if (code !== 0) throw new Error(`the line ended with ${code}: ${String(stderr.read() ?? '')}`)
    },
  }
}
