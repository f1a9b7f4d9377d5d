import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { UiState } from '../../src/commands/ui/api.ts'
import { statePaths } from '../../src/state/paths.ts'
import { type ProjectRecord, writeProject } from '../../src/state/projects.ts'
import { devkIn } from '../e2e/support/devk.ts'

/** A devk whose last `up` was in an empty folder, on a cluster that is gone. */
async function afterUp() {
  const root = await mkdtemp(join(tmpdir(), 'devk-ui-'))
  const devk = await devkIn(root)
  onTestFinished(async () => {
    await devk.dispose()
    await rm(root, { recursive: true })
  })
  const record: ProjectRecord = {
    name: 'gone',
    root,
    configFile: join(root, 'platform.config.ts'),
    profile: undefined,
    cluster: { provider: 'kind', name: 'gone', context: 'kind-gone', uid: 'a' },
    namespace: 'gone',
    services: [{ name: 'backend', workload: 'Deployment/backend', namespace: 'gone', url: undefined }],
    externals: [],
    presets: [],
    forwards: [],
  }
  await writeProject(statePaths({ HOME: root, XDG_STATE_HOME: devk.stateHome }), record)
  // Code, without consent: whoever evaluated it would fail.
  await writeFile(record.configFile, 'throw new Error("evaluated")')
  return devk
}

test('ui works without the configuration and without the cluster, and ends with Ctrl-C', async () => {
  const devk = await afterUp()
  const ui = devk.start(['ui', '--json'])
  const { url, api, token } = JSON.parse((await ui.waitFor(/^\{[\s\S]*?^\}/m))[0])
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{16}\/\?token=[\w-]{32}$/)
  const headers = { authorization: `Bearer ${token}` }
  const state = async () => (await (await fetch(`${api}/state`, { headers })).json()) as UiState
  await expect.poll(async () => (await state()).cluster.state, { timeout: 30_000 }).toBe('away')
  expect(await state()).toMatchObject({ project: 'gone', report: null, recorded: { services: [{ name: 'backend' }] } })
  // An open stream does not hold it back.
  const logs = await fetch(`${api}/logs`, { headers })
  ui.child.kill('SIGINT')
  const { exitCode, stderr } = await ui.finished
  // bin/devk of a checkout may have said that it builds.
  expect([exitCode, stderr]).toEqual([130, expect.not.stringContaining('✖')])
  await expect(logs.text()).rejects.toThrow()
  await expect(fetch(`${api}/state`, { headers })).rejects.toThrow()
}, 60_000)

test('a page runs no code that was not allowed, and says what to do', async () => {
  const devk = await afterUp()
  const ui = devk.start(['ui', '--json'])
  const { api, token } = JSON.parse((await ui.waitFor(/^\{[\s\S]*?^\}/m))[0])
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const read = async (path: string) => (await fetch(`${api}/${path}`, { headers })).json()
  expect(await read('releases')).toEqual({ history: null, colours: [], problem: 'The cluster is away.' })
  expect(await read('doctor')).toEqual({
    ok: true,
    findings: expect.arrayContaining([expect.objectContaining({ id: 'disk' })]),
  })
  const { key } = (await read('key')) as { key: string }
  const plan = await fetch(`${api}/plan`, { method: 'POST', headers: { ...headers, 'x-devk-key': key }, body: '{}' })
  expect(await plan.json()).toEqual({
    ok: false,
    text: expect.stringMatching(/CONFIG_UNTRUSTED[\s\S]*platform\.config\.ts[\s\S]*Nothing was run/),
    hint: expect.stringContaining('devk allow'),
  })
  for (const path of ['timeline', 'metrics']) {
    const stream = await fetch(`${api}/${path}`, { headers })
    expect([path, stream.status, stream.headers.get('content-type')]).toEqual([
      path,
      200,
      'text/event-stream; charset=utf-8',
    ])
    await stream.body?.cancel()
  }
  ui.child.kill('SIGINT')
  expect((await ui.finished).exitCode).toBe(130)
}, 60_000)

test('a port that is taken, or that does not exist, is an error with what to do', async () => {
  const devk = await afterUp()
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const taken = await devk.run(['ui', '--port', String(port)])
  expect([taken.exitCode, taken.stderr]).toEqual([1, expect.stringContaining('The page of devk ui listens there')])
  const none = await devk.run(['ui', '--port', '70000'])
  expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('70000 is no port')])
})

test('without a stack it says what to run', async () => {
  const devk = await devkIn(tmpdir())
  onTestFinished(() => devk.dispose())
  const { exitCode, stderr } = await devk.run(['ui'])
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('Run devk up first')])
})
