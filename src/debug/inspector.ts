/** Closes the inspector of a Node process behind a port of this machine. Rejects if it does not answer in time. */
export async function closeInspector(port: number, signal: AbortSignal): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/json/list`, { signal })
  const [target] = (await answer.json()) as { readonly id?: string }[]
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${encodeURIComponent(target?.id ?? '')}`)
  const closed = new Promise<void>((resolve, reject) => {
    socket.addEventListener('close', () => resolve())
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  // It ends this connection too, so it must not run before the answer.
  const expression = 'void setTimeout(() => process._debugEnd(), 20)'
  socket.addEventListener('open', () => {
    socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }))
  })
  socket.addEventListener('error', () => {})
  try {
    await closed
  } finally {
    socket.close()
  }
}
