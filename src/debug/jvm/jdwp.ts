import type { Duplex } from 'node:stream'

/** What a JVM says of itself. */
export interface JvmVersion {
  /** `21.0.4` */
  readonly version: string
  /** `OpenJDK 64-Bit Server VM` */
  readonly name: string
}

const handshake = Buffer.from('JDWP-Handshake')
const headerBytes = 11
/** Command 1 of command set 1: https://docs.oracle.com/en/java/javase/21/docs/specs/jdwp/jdwp-protocol.html */
const versionCommand = Buffer.from([0, 0, 0, headerBytes, 0, 0, 0, 1, 0, 1, 1])

/**
 * Asks the JVM behind a connection for its version by the Java Debug Wire Protocol, and ends the connection, after
 * which the JVM waits for the next one. undefined if no debugger of a JVM answers. Rejects with the reason of the
 * signal.
 */
export async function jvmVersion(stream: Duplex, signal: AbortSignal): Promise<JvmVersion | undefined> {
  const stop = () => stream.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    stream.write(handshake)
    let asked = false
    let received = Buffer.alloc(0)
    for await (const chunk of stream) {
      received = Buffer.concat([received, chunk as Buffer])
      if (received.length < handshake.length) continue
      if (!received.subarray(0, handshake.length).equals(handshake)) return undefined
      if (!asked) stream.write(versionCommand)
      asked = true
      const reply = replyIn(received.subarray(handshake.length))
      if (reply !== undefined) return parseVersion(reply)
    }
    return undefined
  } catch {
    signal.throwIfAborted()
    return undefined
  } finally {
    signal.removeEventListener('abort', stop)
    stream.destroy()
  }
}

/** The data of the reply to the command, when all of it is there. Events of the JVM stand before it. */
function replyIn(received: Buffer): Buffer | undefined {
  for (let at = 0; at + headerBytes <= received.length; ) {
    const length = received.readUInt32BE(at)
    if (length < headerBytes || at + length > received.length) return undefined
    const isReply = ((received[at + 8] ?? 0) & 0x80) !== 0
    if (isReply) return received.subarray(at + headerBytes, at + length)
    at += length
  }
  return undefined
}

/** Reads the reply: a description, two numbers, the version and the name of the VM. Pure. */
export function parseVersion(data: Buffer): JvmVersion | undefined {
  let at = 0
  const text = () => {
    const length = data.readUInt32BE(at)
    const value = data.toString('utf8', at + 4, at + 4 + length)
    at += 4 + length
    return value
  }
  try {
    text()
    at += 8
    return { version: text(), name: text() }
  } catch {
    return undefined
  }
}
