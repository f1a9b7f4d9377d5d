import type { Duplex } from 'node:stream'

/** Asks a name server for an address over an open stream; gives the answer's code (0 is success), undefined when it gives none. */
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

/** A question for an A record as DNS over TCP has it: length, header, name, type and class. */
export function question(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]))
  const header = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
  const message = Buffer.concat([Buffer.from(header), ...labels, Buffer.from([0, 0, 1, 0, 1])])
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

/** The code of an answer once its header has come. */
export function answerCode(received: Buffer): number | undefined {
  const flags = received[5]
  return flags === undefined ? undefined : flags & 0x0f
}
