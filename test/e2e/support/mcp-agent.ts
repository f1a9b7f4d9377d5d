import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { repository } from './devk.ts'
import type { ExampleProject } from './projects/example-project.ts'

/** A client of `devk mcp` in the folder of a project. It speaks the newest version of the protocol that both know. */
export async function agentOf(
  { stateHome, folder }: Pick<ExampleProject, 'stateHome' | 'folder'>,
  flags: readonly string[],
): Promise<Client> {
  const own = { XDG_STATE_HOME: stateHome, XDG_DATA_HOME: stateHome, NO_COLOR: '1' }
  const env = { ...(process.env as Record<string, string>), ...own }
  const agent = new Client({ name: 'e2e', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  const command = join(repository, 'bin/devk')
  await agent.connect(new StdioClientTransport({ command, args: ['mcp', ...flags], cwd: folder, env }))
  return agent
}
