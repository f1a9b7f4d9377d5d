/** `devk mcp` of the installed package, as the official programs of the protocol see it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import {
  type ForeignProject,
  foreignProject,
  mcpPrograms,
  oldestNode,
  pinnedNode,
} from '../support/installed-package.ts'
import { mcpOverHttp } from '../support/mcp-over-http.ts'

const changing = ['restart', 'rebuild', 'rollback', 'run_job', 'trigger', 'exec']
let project: ForeignProject
let programs: string
let devk: string
beforeAll(async () => {
  project = await foreignProject()
  programs = await mcpPrograms(join(project.folder, '../mcp programs'))
  devk = join(project.folder, 'node_modules/.bin/devk')
})
afterAll(() => project?.dispose())

/** What the inspector makes of one request. */
async function inspect(request: readonly string[], flags: readonly string[] = [], node = pinnedNode) {
  const args = ['--cli', devk, 'mcp', ...flags, '--method', ...request]
  const home = { HOME: join(project.folder, '..') }
  const { exitCode, stdout, stderr } = await project.run(node, join(programs, 'mcp-inspector'), args, home)
  return { exitCode, told: stdout === '' ? undefined : JSON.parse(stdout), stderr }
}

test('the inspector finds no mistake in the schemas of the tools', async () => {
  const { exitCode, told, stderr } = await inspect(['tools/list', '--strict'], ['--allow', ...changing])
  expect([exitCode, stderr]).toEqual([0, ''])
  const names = told.tools.map(({ name }: { name: string }) => name)
  expect(names).toEqual(expect.arrayContaining(['status', 'logs', ...changing]))
})

test.each(['modern', 'auto', 'legacy'])('an inspector of the era %s of the protocol is served', async (era) => {
  const { exitCode, told, stderr } = await inspect(['tools/list', '--strict', '--protocol-era', era])
  expect([exitCode, stderr, told.tools.length > 5]).toEqual([0, '', true])
  const read = await inspect(['resources/read', '--uri', 'devk://errors', '--protocol-era', era])
  expect(JSON.parse(read.told.contents[0].text)).toHaveProperty('NOT_READY.fix')
})

test('the oldest Node serves each era as well', async () => {
  const node = await oldestNode(join(project.folder, '../oldest node'))
  for (const era of ['modern', 'legacy']) {
    const { exitCode, told } = await inspect(['tools/list', '--protocol-era', era], [], node)
    expect([era, exitCode, told?.tools.length > 5]).toEqual([era, 0, true])
  }
})

test('the inspector calls tools, and is told what fails as the protocol has it', async () => {
  await writeFile(join(project.folder, 'platform.config.json'), JSON.stringify({ name: 'another', servces: {} }))
  const call = (name: string, ...more: string[]) => inspect(['tools/call', '--tool-name', name, ...more])
  const checked = await call('config_validate')
  expect(checked).toMatchObject({ exitCode: 0, stderr: '' })
  expect(JSON.parse(checked.told.content[0].text)).toMatchObject({
    valid: false,
    text: expect.stringContaining('servces'),
  })
  // The tool has failed: exit code 5.
  expect(await call('status')).toMatchObject({ exitCode: 5, told: { isError: true } })
  const wrong = await call('logs', '--tool-args-json', '{"tail":0}')
  expect(wrong).toMatchObject({ exitCode: 5, told: { isError: true } })
  expect(wrong.told.content[0].text).toContain('tail')
  const unknown = await call('restart', '--tool-arg', 'service=web')
  expect([unknown.exitCode, unknown.stderr]).toEqual([5, expect.stringContaining('tool_not_found')])
})

test('the inspector lists and reads the resources', async () => {
  const { told } = await inspect(['resources/list'])
  const uris = told.resources.map(({ uri }: { uri: string }) => uri)
  expect(uris).toEqual(['devk://schema', 'devk://errors', 'devk://topology'])
  expect(await inspect(['resources/templates/list'])).toMatchObject({ exitCode: 0, told: { resourceTemplates: [] } })
  const read = await inspect(['resources/read', '--uri', 'devk://errors'])
  expect(JSON.parse(read.told.contents[0].text)).toHaveProperty('NOT_READY.fix')
  const none = await inspect(['resources/read', '--uri', 'devk://nothing'])
  expect([none.exitCode, none.stderr]).toEqual([1, expect.stringContaining('There is no resource devk://nothing')])
})

test('the conformance suite passes for all that devk mcp has', async () => {
  const env = { ...(process.env as Record<string, string>), XDG_STATE_HOME: project.folder }
  const server = await mcpOverHttp({ command: devk, args: ['mcp'], cwd: project.folder, env })
  onTestFinished(server.close)
  // The others need the tools, prompts and notifications of a sample server, or are about HTTP.
  for (const scenario of ['server-initialize', 'ping', 'tools-list', 'resources-list']) {
    const args = ['server', '--url', server.url, '--scenario', scenario]
    const { exitCode, stdout, stderr } = await project.run(pinnedNode, join(programs, 'conformance'), args)
    expect([scenario, exitCode, stdout + stderr]).toEqual([
      scenario,
      0,
      expect.stringMatching(/Passed: 1\/1, 0 failed/),
    ])
  }
})
