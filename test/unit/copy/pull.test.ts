import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { pull, pullRule } from '../../../src/copy/pull.ts'
import type { PodStreams } from '../../../src/kube/api.ts'
import { localExec as exec } from '../../support/local-exec.ts'
import { folder } from '../config/support.ts'

const target = {
  ...{ service: 'web', pod: { namespace: 'shop', name: 'web-1' }, container: 'web', containerId: 'c1', node: 'n' },
}
const [past, now] = [1_700_000_000, 1_800_000_000]

/** A folder of this machine, and one that plays that of the container, with its files at a time. */
function setup(
  here: Record<string, string>,
  there: Record<string, string>,
  patterns: string[],
  exclude: string[] = [],
) {
  const root = folder({ ...prefixed('here', here), ...prefixed('there', there), 'here/.keep': '', 'there/.keep': '' })
  const at = (file: string) => join(root, file)
  const time = (file: string, seconds: number) => utimesSync(at(file), seconds, seconds)
  for (const file of Object.keys(here)) time(`here/${file}`, past)
  for (const file of Object.keys(there)) time(`there/${file}`, now)
  const rule = pullRule(at('here'), at('there'), patterns, exclude)
  const written: string[] = []
  const deps = { streams: { exec }, target, seen: new Map(), onWrite: (path: string) => void written.push(path) }
  const once = () => pull(rule, deps, new AbortController().signal)
  /** Two looks, as many as a file needs. */
  const look = async () => [...(await once()), ...(await once())].sort()
  const read = (file: string) => readFileSync(at(`here/${file}`), 'utf8')
  const put = (file: string, text: string, seconds: number) => {
    mkdirSync(dirname(at(file)), { recursive: true })
    writeFileSync(at(file), text)
    time(file, seconds)
  }
  return { at, time, once, look, read, put, written }
}

const prefixed = (prefix: string, files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${prefix}/${name}`, text]))

test('files that are newer in the container come back, and no others', async () => {
  const { look, read, at, written } = setup(
    { 'package-lock.json': 'old', 'app.js': 'mine' },
    { 'package-lock.json': 'new', 'app.js': 'theirs', 'gen/a.ts': 'a', 'gen/deep/b.ts': 'b', 'gen/c.js': 'c' },
    ['package-lock.json', 'gen/**/*.ts', 'nothing/there'],
  )
  expect(await look()).toEqual(['gen/a.ts', 'gen/deep/b.ts', 'package-lock.json'])
  expect([read('package-lock.json'), read('app.js'), read('gen/deep/b.ts')]).toEqual(['new', 'mine', 'b'])
  expect(() => read('gen/c.js')).toThrow(/ENOENT/)
  expect(written).toContain(at('here/package-lock.json'))
})

test('the newest file wins, and one with the same content stays as it is', async () => {
  const { look, read, put, time, written } = setup({ lock: 'old', same: 'same' }, { lock: 'new', same: 'same' }, [
    'lock',
    'same',
  ])
  time('here/lock', now + 5)
  expect(await look()).toEqual([])
  expect([read('lock'), written]).toEqual(['old', []])
  put('there/lock', 'newest', now + 10)
  expect(await look()).toEqual(['lock'])
  expect(read('lock')).toBe('newest')
  expect(await look()).toEqual([])
})

test('a save between two looks is not replaced by what has arrived of the one before it', async () => {
  const { once, put, read } = setup({ lock: 'v0' }, { lock: 'v1' }, ['lock'])
  expect(await once()).toEqual([])
  put('here/lock', 'v2', past + 5)
  expect(await once()).toEqual([])
  put('there/lock', 'v2', now + 1)
  expect([await once(), await once(), read('lock')]).toEqual([[], [], 'v2'])
})

test('what a rule excludes, and what belongs to Git, does not come back', async () => {
  const { look } = setup(
    {},
    { 'gen/a': 'a', 'gen/tmp/b': 'b', 'gen/.git/hooks/pre-commit': 'evil' },
    ['gen'],
    ['gen/tmp'],
  )
  expect(await look()).toEqual(['gen/a'])
})

test('nothing is written outside of the folder, neither over links here nor over those of the container', async () => {
  const { look, at, read, put } = setup({}, { 'gen/a': 'a', 'out/b': 'evil' }, ['gen', 'out/b', 'link'])
  put('outside/b', 'kept', past)
  symlinkSync(at('outside'), at('here/out'))
  symlinkSync(at('outside/b'), at('there/link'))
  expect(await look()).toEqual(['gen/a'])
  expect(readFileSync(at('outside/b'), 'utf8')).toBe('kept')
  expect(() => read('link')).toThrow(/ENOENT/)
})

test('a container that lists other files than it was asked for, or sends them, gets none of them here', async () => {
  const { at, read } = setup({ Makefile: 'mine' }, {}, [])
  const evil = setup({}, { lock: 'lock', Makefile: 'evil' }, [])
  const rule = pullRule(at('here'), evil.at('there'), ['lock'], [])
  const lying: PodStreams['exec'] = (pod, argv, options) => {
    if (argv[0] === 'tar') return exec(pod, [...argv, './there/Makefile'], options)
    options.stdout.write(`${now} 4 ./lock\n${now} 4 ./Makefile\n${now} 4 ./../lock\n${now} 4 ./gen/../../lock\n`)
    return Promise.resolve(0)
  }
  const deps = { streams: { exec: lying }, target, seen: new Map(), onWrite: () => {} }
  expect(await pull(rule, deps, new AbortController().signal)).toEqual([])
  expect(await pull(rule, deps, new AbortController().signal)).toEqual(['lock'])
  expect(read('Makefile')).toBe('mine')
})

test('an image without the programs is an error that says so', async () => {
  const { at } = setup({}, {}, [])
  const rule = pullRule(at('here'), at('there'), ['lock'], [])
  const deps = { streams: { exec: async () => 127 }, target, seen: new Map(), onWrite: () => {} }
  await expect(pull(rule, deps, new AbortController().signal)).rejects.toMatchObject({
    code: 'COPY_FAILED',
    message: 'The container web has no sh, find, stat or tar',
  })
})
