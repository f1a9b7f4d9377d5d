import type { Duplex } from 'node:stream'

/**
 * Asks a name server for the IPv4 address of `name` over an open TCP stream. Returns the response code (0 is success),
 * or undefined if the stream ends without a response.
 */
export async function askNameServer(stream: Duplex, name: string): Promise<number | undefined> {
  stream.write(question(name))
  let answer = Buffer.alloc(0)
  for await (const chunk of stream) {
    answer = Buffer.concat([answer, chunk as Buffer])
    const code = answerCode(answer)
    if (code !== undefined) return code
  }
  return undefined
}

/** A DNS query for an A record with the length prefix of DNS over TCP (RFC 1035, sections 4.1 and 4.2.2). Pure. */
export function question(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]))
  const header = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
  const message = Buffer.concat([Buffer.from(header), ...labels, Buffer.from([0, 0, 1, 0, 1])])
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

/** The response code (RCODE) of a DNS response over TCP; undefined until its header has arrived. Pure. */
export function answerCode(received: Buffer): number | undefined {
  const flags = received[5]
  return flags === undefined ? undefined : flags & 0x0f
}
