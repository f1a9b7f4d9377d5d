import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type PageServerOptions, pageServer } from '../../../src/ui/server.ts'

const files = ['index.html', 'main.js', 'main.css', 'shared.js', 'terminal.js']

/** Starts the server of a page whose files have their names as text, until the test ends: it aborts `stop` then. */
export async function startPage(options: Omit<PageServerOptions, 'folder'>, stop: AbortController) {
  const folder = await mkdtemp(join(tmpdir(), 'devk-ui-'))
  for (const name of files) await writeFile(join(folder, name), `the ${name}`)
  const { server, address } = await pageServer({ folder, ...options })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    stop.abort()
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
  })
  return { server, ...address() }
}
