import { connect } from 'node:net'
import { expect } from 'vitest'

type Body = Record<string, unknown>

/** A client of the Debug Adapter Protocol over TCP, as VS Code is one. */
export interface DapClient {
  /** Resolves with the body of the response. Rejects with its message if it is a failure. */
  request(command: string, args?: object): Promise<Body>
  /** The body of the first event of this name since the connection began, or since the last one that was taken. */
  event(name: string): Promise<Body>
  /** Ends the connection without a word, as an editor that is killed. */
  close(): void
}

interface Message {
  readonly type: string
  readonly event?: string
  readonly request_seq?: number
  readonly success?: boolean
  readonly message?: string
  readonly body?: Body
}

/** Connects to a debug adapter on a port of this machine. */
export function dapClient(port: number): DapClient {
  const socket = connect(port, '127.0.0.1')
  const seen: Message[] = []
  const looks = new Set<() => void>()
  let [input, seq] = [Buffer.alloc(0), 0]
  let ended = ''
  socket.on('error', (error) => {
    ended = error.message
  })
  socket.on('close', () => {
    ended ||= 'the adapter closed the connection'
    for (const look of looks) look()
  })
  socket.on('data', (chunk) => {
    input = Buffer.concat([input, chunk])
    for (;;) {
      const head = input.indexOf('\r\n\r\n')
      if (head < 0) break
      const length = Number(/Content-Length: (\d+)/i.exec(input.toString('latin1', 0, head))?.[1])
      if (input.length < head + 4 + length) break
      seen.push(JSON.parse(input.toString('utf8', head + 4, head + 4 + length)))
      input = input.subarray(head + 4 + length)
    }
    for (const look of looks) look()
  })
  const take = (matches: (message: Message) => boolean, what: string) =>
    new Promise<Message>((resolve, reject) => {
      const late = setTimeout(
        () => end(() => reject(new Error(`no ${what} from the adapter: ${JSON.stringify(seen)}`))),
        60_000,
      )
      const end = (settle: () => void) => {
        clearTimeout(late)
        looks.delete(look)
        settle()
      }
      const look = () => {
        const at = seen.findIndex(matches)
        const [found] = at < 0 ? [] : seen.splice(at, 1)
        if (found !== undefined) end(() => resolve(found))
        else if (ended !== '') end(() => reject(new Error(`no ${what}: ${ended}`)))
      }
      looks.add(look)
      look()
    })
  return {
    async request(command, args = {}) {
      seq += 1
      const own = seq
      const text = JSON.stringify({ seq: own, type: 'request', command, arguments: args })
      socket.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
      const answer = await take(({ type, request_seq }) => type === 'response' && request_seq === own, command)
      if (answer.success !== true) throw new Error(`${command}: ${answer.message}`)
      return answer.body ?? {}
    },
    event: async (name) => (await take((message) => message.event === name, name)).body ?? {},
    close: () => socket.destroy(),
  }
}

/** A place in the source. */
export interface Breakpoint {
  readonly path: string
  readonly line: number
}

/** A program that stands at a breakpoint. */
export interface Stopped {
  /** The value of an expression there. */
  read(expression: string): Promise<unknown>
  /** Ends the connection without a word, as an editor that is killed. */
  close(): void
}

/** What VS Code does: attach, set the breakpoint, and let the program go on. */
export async function attach(
  client: DapClient,
  adapterID: string,
  how: object,
  { path, line }: Breakpoint,
): Promise<DapClient> {
  await client.request('initialize', { adapterID, linesStartAt1: true, pathFormat: 'path' })
  const attached = client.request('attach', how)
  await client.event('initialized')
  await client.request('setBreakpoints', { source: { path }, breakpoints: [{ line }] })
  await client.request('configurationDone')
  await attached
  return client
}

/** Reads a variable where a thread stands, which has to be at the breakpoint. */
export async function readAt(
  client: DapClient,
  threadId: unknown,
  { path, line }: Breakpoint,
  expression: string,
): Promise<unknown> {
  const answer = await client.request('stackTrace', { threadId })
  const [frame] = answer.stackFrames as { id: number; line: number; source: { path: string } }[]
  expect([frame?.line, frame?.source.path]).toEqual([line, path])
  return (await client.request('evaluate', { expression, context: 'watch', frameId: frame?.id })).result
}
