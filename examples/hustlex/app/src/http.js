import { createServer } from 'node:http'

/** An answer that is no success, with the words for the client. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

/**
 * Serves `routes`, each `[method, pattern, handler]`, as JSON. A handler gets the pattern's groups and the body, and gives
 * `[status, body]`. On SIGTERM what is under way is answered before `close` runs and the process ends.
 */
export function serve(port, routes, close) {
  const server = createServer(async (request, response) => {
    const [status, body] = await answer(request, routes)
    response.writeHead(status, { 'content-type': 'application/json', ...(closing ? { connection: 'close' } : {}) })
    response.end(JSON.stringify(body))
  })
  let closing = false
  process.once('SIGTERM', () => {
    closing = true
    server.close(() => close().finally(() => process.exit(0)))
    server.closeIdleConnections()
  })
  server.listen(port, () => console.log(`listening on ${port}`))
}

async function answer(request, routes) {
  const { pathname } = new URL(request.url, 'http://localhost')
  try {
    for (const [method, pattern, handle] of routes) {
      const groups = request.method === method && pattern.exec(pathname)
      if (groups) return await handle({ params: groups.slice(1), body: await bodyOf(request) })
    }
    return [404, { error: `there is no ${request.method} ${pathname}` }]
  } catch (error) {
    if (error instanceof Refusal) return [error.status, { error: error.message }]
    console.error(`${request.method} ${pathname}: ${error.message}`)
    return [503, { error: 'try again later' }]
  }
}

async function bodyOf(request) {
  let text = ''
  for await (const chunk of request) {
    text += chunk
    if (text.length > 100_000) throw new Refusal(413, 'the body is too long')
  }
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch {
    throw new Refusal(400, 'the body is no JSON')
  }
}
