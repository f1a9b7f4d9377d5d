/** Follows one key of Consul's KV store with blocking queries; while Consul is away the last value counts. */
export function watchSettings(consul, key) {
  const ended = new AbortController()
  let value
  const follow = async () => {
    let index = 0
    while (!ended.signal.aborted) {
      try {
        const response = await fetch(`${consul}/v1/kv/${key}?wait=60s&index=${index}`, { signal: ended.signal })
        if (response.status !== 200 && response.status !== 404) throw new Error(`it answers ${response.status}`)
        index = Number(response.headers.get('x-consul-index') ?? 0)
        const entries = response.status === 200 ? await response.json() : []
        value = entries[0]?.Value ? Buffer.from(entries[0].Value, 'base64').toString() : undefined
      } catch (error) {
        if (ended.signal.aborted) return
        console.error(`consul: ${error.cause?.message ?? error.message}`)
        await new Promise((resolve) => setTimeout(resolve, 2000))
      }
    }
  }
  void follow()
  return { value: () => value, stop: () => ended.abort() }
}
