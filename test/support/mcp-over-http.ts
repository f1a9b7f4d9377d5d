import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { StdioClientTransport, type StdioServerParameters } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'

/** A server of the Model Context Protocol on stdin and stdout, as the conformance suite reaches it. */
export interface McpOverHttp {
  readonly url: string
  close(): Promise<void>
}

/** Starts the program of each session once, and passes on its messages unread. */
export async function mcpOverHttp(program: StdioServerParameters): Promise<McpOverHttp> {
  const sessions = new Map<string, StreamableHTTPServerTransport>()
  const programs: StdioClientTransport[] = []
  const begin = async () => {
    const own = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, own),
    })
    const started = new StdioClientTransport(program)
    programs.push(started)
    own.onmessage = (message) => void started.send(message)
    started.onmessage = (message) => void own.send(message)
    await Promise.all([started.start(), own.start()])
    return own
  }
  const server = http.createServer(async (request, response) => {
    const id = request.headers['mcp-session-id']?.toString() ?? ''
    const session = sessions.get(id) ?? (await begin())
    await session.handleRequest(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async close() {
      await Promise.all(programs.map((each) => each.close()))
      server.close()
      server.closeAllConnections()
    },
  }
}
