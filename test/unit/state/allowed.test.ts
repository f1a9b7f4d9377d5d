import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import {
  allow,
  allowAddresses,
  allowedPaths,
  allowPaths,
  forget,
  isAllowed,
  unallowed,
} from '../../../src/state/allowed.ts'

const code = (file: string, ...files: [string, string][]) => ({ file, files: new Map(files) })

async function stateFolder(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'devk-allowed-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  return join(root, 'allowed')
}

test('exactly the code that was allowed is allowed: its path, its files and their contents', async () => {
  const folder = await stateFolder()
  await allow(folder, code('/a', ['/a', '1'], ['/b', '2']))
  const asked = [
    code('/a', ['/b', '2'], ['/a', '1']),
    code('/a', ['/a', '1']),
    code('/a', ['/a', '2'], ['/b', '2']),
    code('/b', ['/a', '1'], ['/b', '2']),
  ]
  expect(await Promise.all(asked.map((each) => isAllowed(folder, each)))).toEqual([true, false, false, false])
})

test('earlier versions stay allowed until the configuration is denied, and those of others stay', async () => {
  const folder = await stateFolder()
  const [first, second, other] = [code('/a', ['/a', '1']), code('/a', ['/a', '2']), code('/c', ['/c', '1'])]
  for (const each of [first, second, other]) await allow(folder, each)
  expect([await isAllowed(folder, first), await forget(folder, '/a'), await forget(folder, '/a')]).toEqual([true, 2, 0])
  const left = await Promise.all([first, second, other].map((each) => isAllowed(folder, each)))
  expect(left).toEqual([false, false, true])
})

test('only the user can read what is allowed, and old versions are forgotten', async () => {
  const folder = await stateFolder()
  for (let i = 0; i < 12; i++) await allow(folder, code('/a', ['/a', String(i)]))
  const records = await readdir(folder)
  const modes = await Promise.all([folder, join(folder, records[0] ?? '')].map(async (path) => (await stat(path)).mode))
  expect([records.length, ...modes.map((mode) => mode & 0o777)]).toEqual([10, 0o700, 0o600])
})

test('paths and addresses are allowed for one project, and denied together', async () => {
  const folder = await stateFolder()
  await allowPaths(folder, '/p', ['/x', '/y z'])
  await allowAddresses(folder, '/p', ['https://host/a'])
  await allowPaths(folder, '/p z', ['/other'])
  expect((await allowedPaths(folder, '/p')).sort()).toEqual(['/x', '/y z'])
  expect(await unallowed(folder, '/p', ['https://host/a', '/x'])).toEqual(['/x'])
  expect([await forget(folder, '/p'), await allowedPaths(folder, '/p')]).toEqual([3, []])
  expect([await unallowed(folder, '/p', ['https://host/a']), await allowedPaths(folder, '/p z')]).toEqual([
    ['https://host/a'],
    ['/other'],
  ])
})

test('a project may have more paths than a configuration has versions', async () => {
  const folder = await stateFolder()
  const paths = Array.from({ length: 12 }, (_, i) => `/x${i}`)
  await allowPaths(folder, '/p', paths)
  expect(await allowedPaths(folder, '/p')).toHaveLength(12)
})
