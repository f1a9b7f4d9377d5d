/** `devk mcp` as an agent starts it. It is here because it needs the same folder and no cluster, as the tests of `devk ui`. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js'
import { expect, onTestFinished, test } from 'vitest'
import { devkIn, repository } from '../e2e/support/devk.ts'

const about = { name: 'test', version: '1' }
const agents = {
  '2026-07-28': () => new Client(about, { versionNegotiation: { mode: { pin: '2026-07-28' } } }),
  'the newest version that both know': () => new Client(about, { versionNegotiation: { mode: 'auto' } }),
  '2025-06-18': () => new Client(about, { supportedProtocolVersions: ['2025-06-18'] }),
  'the library before': () => new OlderClient(about) as unknown as Client,
}

test.each(Object.entries(agents))(
  'an agent of %s reads the schema, validates a configuration, and is told what is missing; nothing else is on stdout',
  async (_version, make) => {
    const folder = await mkdtemp(join(tmpdir(), 'devk-mcp-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const command = join(repository, 'bin/devk')
    const env = { ...(process.env as Record<string, string>), XDG_STATE_HOME: folder, XDG_DATA_HOME: folder }
    const agent = make()
    const errors: Error[] = []
    agent.onerror = (error) => errors.push(error)
    await agent.connect(new StdioClientTransport({ command, args: ['mcp'], cwd: folder, env }))
    const call = async (name: string, input = {}) => {
      const { isError, content } = await agent.callTool({ name, arguments: input })
      return { isError, text: (content as { text: string }[])[0]?.text ?? '' }
    }
    const { tools } = await agent.listTools()
    expect(tools.map(({ name }) => name)).not.toContain('restart')
    expect(await call('status')).toEqual({ isError: true, text: expect.stringContaining('Run devk up first') })
    await writeFile(join(folder, 'platform.config.json'), JSON.stringify({ name: 'a', servces: {} }))
    const invalid = JSON.parse((await call('config_validate')).text)
    expect(invalid).toMatchObject({ valid: false, text: expect.stringMatching(/servces/) })
    // Code of a project runs only for a user who has agreed to it; an agent cannot.
    await rm(join(folder, 'platform.config.json'))
    await writeFile(join(folder, 'platform.config.mjs'), 'console.log("ran"); export default {}')
    expect(JSON.parse((await call('config_validate')).text)).toMatchObject({
      valid: false,
      text: expect.stringContaining('CONFIG_UNTRUSTED'),
    })
    await agent.close()
    expect(errors).toEqual([])
  },
)

test('a tool that --allow names and that is none is an error before anything starts', async () => {
  const devk = await devkIn(tmpdir())
  onTestFinished(() => devk.dispose())
  const { exitCode, stdout, stderr } = await devk.run(['mcp', '--allow', 'scale'])
  expect([exitCode, stdout, stderr]).toEqual([2, '', expect.stringContaining('no tool "scale"')])
  // stdin that ends is the end.
  expect(await devk.run(['mcp'])).toMatchObject({ exitCode: 0, stdout: '' })
})
