import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import {
  allow,
  allowAddresses,
  allowCommands,
  allowedPaths,
  allowPaths,
  type Consents,
  forget,
  isAllowed,
  unallowed,
  unallowedCommands,
} from '../../../src/state/allowed.ts'

const code = (file: string, ...files: [string, string][]) => ({ file, files: new Map(files) })

async function stateFolder(): Promise<Consents> {
  const root = await mkdtemp(join(tmpdir(), 'devk-allowed-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  return { folder: join(root, 'allowed'), keyFile: join(root, 'digest-key') }
}

test('exactly the code that was allowed is allowed: its path, its files and their contents', async () => {
  const consents = await stateFolder()
  await allow(consents, code('/a', ['/a', '1'], ['/b', '2']))
  const asked = [
    code('/a', ['/b', '2'], ['/a', '1']),
    code('/a', ['/a', '1']),
    code('/a', ['/a', '2'], ['/b', '2']),
    code('/b', ['/a', '1'], ['/b', '2']),
  ]
  expect(await Promise.all(asked.map((each) => isAllowed(consents, each)))).toEqual([true, false, false, false])
})

test('earlier versions stay allowed until the configuration is denied, and those of others stay', async () => {
  const consents = await stateFolder()
  const [first, second, other] = [code('/a', ['/a', '1']), code('/a', ['/a', '2']), code('/c', ['/c', '1'])]
  for (const each of [first, second, other]) await allow(consents, each)
  expect([await isAllowed(consents, first), await forget(consents, '/a'), await forget(consents, '/a')]).toEqual([
    true,
    2,
    0,
  ])
  const left = await Promise.all([first, second, other].map((each) => isAllowed(consents, each)))
  expect(left).toEqual([false, false, true])
})

test('only the user can read what is allowed, and old versions are forgotten', async () => {
  const consents = await stateFolder()
  for (let i = 0; i < 12; i++) await allow(consents, code('/a', ['/a', String(i)]))
  const records = await readdir(consents.folder)
  const modes = await Promise.all(
    [consents.folder, join(consents.folder, records[0] ?? '')].map(async (path) => (await stat(path)).mode),
  )
  expect([records.length, ...modes.map((mode) => mode & 0o777)]).toEqual([10, 0o700, 0o600])
})

test('paths and addresses are allowed for one project, and denied together', async () => {
  const consents = await stateFolder()
  await allowPaths(consents, '/p', ['/x', '/y z'])
  await allowAddresses(consents, '/p', ['https://host/a'])
  await allowPaths(consents, '/p z', ['/other'])
  expect((await allowedPaths(consents, '/p')).sort()).toEqual(['/x', '/y z'])
  expect(await unallowed(consents, '/p', ['https://host/a', '/x'])).toEqual(['/x'])
  expect([await forget(consents, '/p'), await allowedPaths(consents, '/p')]).toEqual([3, []])
  expect([await unallowed(consents, '/p', ['https://host/a']), await allowedPaths(consents, '/p z')]).toEqual([
    ['https://host/a'],
    ['/other'],
  ])
})

test('a project may have more paths than a configuration has versions', async () => {
  const consents = await stateFolder()
  const paths = Array.from({ length: 12 }, (_, i) => `/x${i}`)
  await allowPaths(consents, '/p', paths)
  expect(await allowedPaths(consents, '/p')).toHaveLength(12)
})

test('a short secret in a file of the code cannot be guessed from what is kept, nor from its name', async () => {
  const consents = await stateFolder()
  const guess = createHash('sha256').update('password: 1234\n').digest('hex')
  const secret = code('/a', ['/a', guess])
  await allow(consents, secret)
  const guesses = [
    guess,
    createHash('sha256')
      .update(JSON.stringify(['/a', [['/a', guess]]]))
      .digest('hex'),
  ]
  const [name = ''] = await readdir(consents.folder)
  const kept = `${name}\n${await readFile(join(consents.folder, name), 'utf8')}`
  expect(guesses.filter((each) => kept.includes(each))).toEqual([])
  const others = { ...consents, keyFile: `${consents.keyFile}-of-another-user` }
  expect([await isAllowed(consents, secret), await isAllowed(others, secret)]).toEqual([true, false])
})

test('commands are allowed by keyed digests, for one project', async () => {
  const consents = await stateFolder()
  const id = createHash('sha256').update('make PASSWORD=1234').digest('hex')
  await allowCommands(consents, '/p', [id])
  const [name = ''] = await readdir(consents.folder)
  expect(await readFile(join(consents.folder, name), 'utf8')).not.toContain(id)
  expect([await unallowedCommands(consents, '/p', [id, 'x']), await unallowedCommands(consents, '/q', [id])]).toEqual([
    ['x'],
    [id],
  ])
})
