import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { repository } from './devk.ts'
import type { ExampleProject } from './projects/example-project.ts'

/** A client of `devk mcp` in the folder of a project. */
export async function agentOf(
  { stateHome, folder }: Pick<ExampleProject, 'stateHome' | 'folder'>,
  flags: readonly string[],
): Promise<Client> {
  const own = { XDG_STATE_HOME: stateHome, XDG_DATA_HOME: stateHome, NO_COLOR: '1' }
  const env = { ...(process.env as Record<string, string>), ...own }
  const agent = new Client({ name: 'e2e', version: '1' })
  const command = join(repository, 'bin/devk')
  await agent.connect(new StdioClientTransport({ command, args: ['mcp', ...flags], cwd: folder, env }))
  return agent
}
