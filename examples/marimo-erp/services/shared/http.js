import { createServer } from 'node:http'
import { metrics } from './metrics.js'

/** An answer that is no success, with the words for the client. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

/**
 * Serves `routes`, each `[method, pattern, handler]`, as JSON on port 8080, with `/health` (the process answers), `/ready` (`check`
 * throws nothing) and `/metrics`. A handler gets the pattern's groups, the headers and the body, and gives `[status, body]`.
 * On SIGTERM what is under way is answered before `close` runs and the process ends.
 */
export function serve({ name, routes, check = async () => {}, close = async () => {} }) {
  const counted = metrics(name)
  const all = [
    ['GET', /^\/health$/, async () => [200, { status: 'ok', service: name, version: process.env.VERSION }]],
    ['GET', /^\/ready$/, async () => [200, (await check()) ?? { status: 'ready' }]],
    ['GET', /^\/metrics$/, async () => [200, counted.text()]],
    ...routes,
  ]
  let closing = false
  const server = createServer(async (request, response) => {
    const done = counted.began()
    const [status, body] = await answer(request, all)
    const type = typeof body === 'string' ? 'text/plain; version=0.0.4' : 'application/json'
    response.writeHead(status, { 'content-type': type, ...(closing ? { connection: 'close' } : {}) })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
    done(status)
  })
  process.once('SIGTERM', () => {
    closing = true
    server.close(() => close().finally(() => process.exit(0)))
    server.closeIdleConnections()
  })
  server.listen(8080, () => console.log(`${name} ${process.env.VERSION} listens on 8080`))
}

async function answer(request, routes) {
  const { pathname } = new URL(request.url, 'http://localhost')
  try {
    for (const [method, pattern, handle] of routes) {
      const groups = (method === '*' || request.method === method) && pattern.exec(pathname)
      if (!groups) continue
      const { headers, method: asked } = request
      return await handle({ method: asked, params: groups.slice(1), headers, body: await bodyOf(request) })
    }
    return [404, { error: `there is no ${request.method} ${pathname}` }]
  } catch (error) {
    if (error instanceof Refusal) return [error.status, { error: error.message }]
    console.error(`${request.method} ${pathname}: ${error.message}`)
    return [503, { error: error.message }]
  }
}

async function bodyOf(request) {
  let text = ''
  for await (const chunk of request) {
    text += chunk
    if (text.length > 100_000) throw new Refusal(413, 'the body is too long')
  }
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    throw new Refusal(400, 'the body is no JSON')
  }
}
