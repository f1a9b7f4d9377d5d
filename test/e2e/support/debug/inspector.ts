/** A client of Node's inspector, as editors have one: the Chrome DevTools Protocol over a WebSocket. */
export interface InspectorClient {
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
export async function inspectorClient(address: string): Promise<InspectorClient> {
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
