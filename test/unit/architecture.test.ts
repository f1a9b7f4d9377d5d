import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/** A file imports its own folder and those further up in this list; folders of one row do not know each other. */
const layers = [
  ['errors.ts'],
  ['lib'],
  ['exec', 'state'],
  ['config', 'images', 'kube', 'host', 'kit'],
  ['cluster', 'manifests'],
  ['presets'],
  ['stack', 'sync', 'forward', 'logs'],
  ['dev'],
  ['commands'],
  ['cli', 'index.ts'],
]

/** What the cli layer promises its commands; types only. */
const contract = ['cli/context.ts', 'cli/flags.ts']

/** The one file, or folder, that knows an outside library. */
const importers: Readonly<Record<string, string>> = {
  '@balena/dockerignore': 'images/ignore.ts',
  '@kubernetes/client-node': 'kube/client-auth.ts',
  '@peculiar/x509': 'presets/tls/x509.ts',
  chokidar: 'dev/watch.ts',
  commander: 'cli/',
  cosmiconfig: 'config/load.ts',
  dockerode: 'images/client.ts',
  execa: 'exec/runner.ts',
  listr2: 'commands/progress.ts',
  picocolors: 'lib/colors.ts',
  'reflect-metadata': 'presets/tls/x509.ts',
  zod: 'config/',
}

const importStatement =
  /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm

/** Breaches of the rules above in files (path below src → text), each as a sentence. */
function breaches(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([file, text]) =>
    [...text.matchAll(importStatement)].flatMap(([, type, from, bare, dynamic]) => {
      const target = from ?? bare ?? dynamic ?? ''
      return target.startsWith('.') ? inward(file, target, type !== undefined) : outward(file, target)
    }),
  )
}

function inward(file: string, target: string, isType: boolean): string[] {
  const path = posix.join(posix.dirname(file), target)
  const [own = '', other = ''] = [file, path].map((each) => each.split('/')[0])
  if (own === other || (isType && contract.includes(path))) return []
  const rank = (folder: string) => layers.findIndex((row) => row.includes(folder))
  if (rank(own) < 0 || rank(other) < 0) return [`${file} imports ${path}, and one of them is in no layer`]
  return rank(other) < rank(own) ? [] : [`${file} imports ${path}, which lies beside or above it`]
}

function outward(file: string, target: string): string[] {
  const owner = importers[target]
  return owner === undefined || file.startsWith(owner) ? [] : [`${file} imports ${target}, which belongs to ${owner}`]
}

function sources(): Map<string, string> {
  const root = fileURLToPath(new URL('../../src/', import.meta.url))
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  return new Map(files.map((file) => [file, readFileSync(root + file, 'utf8')]))
}

test('imports go one way, and each outside library has its one importer', () => {
  expect(breaches(sources())).toEqual([])
})

test('only main reads the environment of the process', () => {
  const readers = [...sources()].filter(([file, text]) => file !== 'cli/main.ts' && /\bprocess\.env\b/.test(text))
  expect(readers.map(([file]) => file)).toEqual([])
})

test.each([
  ['a layer above', 'kube/planted.ts', "import { live } from '../commands/bring-up/live.ts'"],
  ['a layer above, over two lines', 'lib/planted.ts', "import {\n  live,\n} from '../dev/session.ts'"],
  ['a layer above, as a type', 'stack/planted.ts', "import type { Live } from '../dev/session.ts'"],
  ['a layer above, on demand', 'state/planted.ts', "const live = await import('../dev/session.ts')"],
  ['a neighbour', 'images/planted.ts', "import { connectKube } from '../kube/client.ts'"],
  ['a value of the cli', 'commands/planted.ts', "import { commands } from '../cli/commands.ts'"],
  ['a folder without a layer', 'lib/planted.ts', "import { help } from '../utils/help.ts'"],
  ["another file's library", 'host/planted.ts', "import { execa } from 'execa'"],
  ["another file's library, again exported", 'kube/planted.ts', "export { execa } from 'execa'"],
])('the rules bite: %s', (_name, file, text) => {
  expect(breaches(new Map([[file, text]]))).toHaveLength(1)
})

test('a command may take the types of the cli contract', () => {
  expect(breaches(new Map([['commands/x.ts', "import type { CliContext } from '../cli/context.ts'"]]))).toEqual([])
})
