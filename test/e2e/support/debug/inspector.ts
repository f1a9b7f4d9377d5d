import type { Stopped } from './dap.ts'

/** A client of Node's inspector, as editors have one: the Chrome DevTools Protocol over a WebSocket. */
interface InspectorClient {
  send(method: string, params?: object): Promise<Record<string, unknown>>
  /** The parameters of the next event of this name. */
  next(event: string): Promise<Record<string, unknown>>
  /** Ends the connection without a word, as an editor that is killed. */
  close(): void
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

/** Connects to the inspector at an address. Rejects if there is none. */
async function inspectorClient(address: string): Promise<InspectorClient> {
  const answer = await fetch(`http://${address}/json/list`, { signal: AbortSignal.timeout(30_000) })
  const [target] = (await answer.json()) as { readonly webSocketDebuggerUrl: string }[]
  const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '')
  const waiting = new Map<number | string, (message: Message) => void>()
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message
    const key = message.id ?? message.method ?? ''
    waiting.get(key)?.(message)
    waiting.delete(key)
  })
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', () => reject(new Error(`no inspector at ${address}`)))
  })
  const message = (key: number | string) =>
    new Promise<Message>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`the inspector does not send ${key}`)), 30_000)
      waiting.set(key, (found) => {
        clearTimeout(late)
        resolve(found)
      })
    })
  let last = 0
  return {
    async send(method, params = {}) {
      last += 1
      const answered = message(last)
      socket.send(JSON.stringify({ id: last, method, params }))
      const { result, error } = await answered
      if (error !== undefined) throw new Error(`${method}: ${error.message}`)
      return result ?? {}
    },
    next: async (event) => (await message(event)).params ?? {},
    close: () => socket.close(),
  }
}

/** A line of a program in Node whose inspector is at this port. */
interface NodeBreakpoint {
  readonly port: number
  /** Of the file in the container. */
  readonly url: string
  readonly line: number
  /** Leads the program to the breakpoint, if it does not come there by itself. */
  readonly lead?: () => Promise<unknown>
}

/** Stops the program at the breakpoint, with a connection of its own. */
export async function stopNode({ port, url, line, lead }: NodeBreakpoint): Promise<Stopped> {
  const client = await inspectorClient(`127.0.0.1:${port}`)
  const stopped = client.next('Debugger.paused')
  await client.send('Debugger.enable')
  await client.send('Debugger.setBreakpointByUrl', { url, lineNumber: line - 1 })
  void lead?.().catch(() => {})
  const { callFrames } = (await stopped) as { callFrames: { callFrameId: string }[] }
  return {
    async read(expression: string) {
      const at = { callFrameId: callFrames[0]?.callFrameId, expression }
      const { result } = await client.send('Debugger.evaluateOnCallFrame', at)
      return (result as { value: unknown }).value
    },
    close: client.close,
  }
}
