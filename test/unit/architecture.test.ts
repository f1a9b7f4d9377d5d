import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { circles, type Files, filesBelow, importsOf, packageOf } from './source-files.ts'

/** A file imports from its own room and from rooms further down in this list. Type imports count. */
const rooms = [
  ['cli', 'index.ts'],
  ['commands'],
  ['up'],
  ['platform'],
  ['project', 'release', 'debug', 'swap'],
  ['terminal'],
  ['context.ts'],
  ['session', 'telemetry'],
  ['stack', 'init'],
  ['presets', 'loop', 'local', 'copy', 'scan', 'readers'],
  ['images', 'cluster', 'manifests', 'kit', 'sync', 'forward', 'logs', 'ui'],
  ['kube', 'config', 'host', 'state', 'agent'],
  ['engine', 'exec', 'watch'],
  ['lib'],
  ['errors.ts'],
  ['error-codes.ts'],
  ['error-codes-input.ts'],
]

/** The one file, or folder, that imports an outside library. */
const importers: Readonly<Record<string, string>> = {
  '@kubernetes/client-node': 'kube/client/auth.ts',
  '@lezer/common': 'readers/tilt/starlark.ts',
  '@lezer/python': 'readers/tilt/starlark.ts',
  '@modelcontextprotocol/server': 'commands/mcp/',
  '@peculiar/x509': 'presets/tls/x509.ts',
  bcryptjs: 'images/registry/login.ts',
  chokidar: 'watch/watch-folders.ts',
  commander: 'cli/',
  cosmiconfig: 'config/find.ts',
  dockerode: 'engine/client.ts',
  'eventsource-parser': 'session/follow.ts',
  execa: 'exec/runner.ts',
  'fast-string-truncated-width': 'lib/wrap.ts',
  'fast-wrap-ansi': 'lib/wrap.ts',
  'jsonc-parser': 'debug/vscode.ts',
  listr2: 'terminal/live-progress.ts',
  'p-map': 'lib/parallel.ts',
  picocolors: 'lib/colors.ts',
  'reflect-metadata': 'presets/tls/x509.ts',
  semver: 'lib/version.ts',
  'tar-stream': 'lib/streams/',
  ws: 'ui/terminal.ts',
  yaml: 'lib/yaml',
  zod: 'config/',
}

/** The share of all lines that one room may hold. */
const largestShare = 0.12
const mostFiles = 20
const longestFile = 250
const longestLine = 120
const manyFiles = ['config', 'kit', 'cluster'] // Flat rooms whose prefixes read well.

const roomOf = (path: string) => path.split('/')[0] ?? ''
const levelOf = (path: string) => rooms.findIndex((row) => row.includes(roomOf(path)))

/** Breaches of the order above, each as a sentence. */
function breaches(files: Files): string[] {
  return [...files].flatMap(([file, text]) =>
    importsOf(file, text).flatMap((target) => {
      if (!/\.ts$/.test(target)) return outward(file, target)
      if (roomOf(file) === roomOf(target)) return []
      if (levelOf(file) < 0 || levelOf(target) < 0) return [`${file} imports ${target}, and one of them is in no room`]
      return levelOf(target) > levelOf(file) ? [] : [`${file} imports ${target}, which lies beside or above it`]
    }),
  )
}

function outward(file: string, target: string): string[] {
  const owner = importers[packageOf(target)]
  return owner === undefined || file.startsWith(owner) ? [] : [`${file} imports ${target}, which belongs to ${owner}`]
}

/** The text without its comments. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
}

const sources = () => filesBelow('src')
const linesOf = (text: string) => text.trimEnd().split('\n')

test('imports go one way, and each outside library has one importer', () => {
  expect(breaches(sources())).toEqual([])
})

test('no file imports itself over others', () => {
  expect(circles(sources())).toEqual([])
})

test(`no room holds more than ${largestShare * 100} % of all lines`, () => {
  const lines = Map.groupBy(sources(), ([file]) => roomOf(file))
  const count = (entries: readonly (readonly [string, string])[]) =>
    entries.reduce((sum, [, text]) => sum + text.split('\n').length, 0)
  const all = count([...sources()])
  const large = [...lines].filter(([, entries]) => count(entries) > largestShare * all)
  expect(large.map(([room, entries]) => `${room}: ${count(entries)} of ${all}`)).toEqual([])
})

test(`no folder holds more than ${mostFiles} files`, () => {
  const folders = Map.groupBy(sources().keys(), (file) => posix.dirname(file))
  const crowded = [...folders].filter(([folder, files]) => files.length > mostFiles && !manyFiles.includes(folder))
  expect(crowded.map(([folder, files]) => `${folder}: ${files.length}`)).toEqual([])
})

test(`no line of the source has more than ${longestLine} columns`, () => {
  const wide = [...sources()].flatMap(([file, text]) =>
    linesOf(text).flatMap((line, index) => (line.length > longestLine ? [`${file}:${index + 1}`] : [])),
  )
  expect(wide).toEqual([])
})

test.each(['src', 'test', 'scripts', 'bench', 'agent', 'debuggers', 'web'])(
  `no file below %s has more than ${longestFile} lines`,
  (folder) => {
    const files = [...filesBelow(folder, /\.(tsx?|js|go)$/)]
    expect(files.length).toBeGreaterThan(0)
    const long = files.filter(([, text]) => linesOf(text).length > longestFile)
    expect(long.map(([file, text]) => `${file}: ${linesOf(text).length}`)).toEqual([])
  },
)

/** Exported functions, types and constants without a doc comment. Exports of other files have theirs over there. */
function undocumented(file: string, text: string): string[] {
  const lines = text.split('\n')
  const declaration = /^export (?:declare )?(?:async )?(?:function\*?|interface|type|const|class|abstract class) (\w+)/
  return lines.flatMap((line, index) => {
    const name = declaration.exec(line)?.[1]
    return name === undefined || lines[index - 1]?.endsWith('*/') ? [] : [`${file}: ${name}`]
  })
}

test('every exported function, type and constant has a doc comment', () => {
  expect([...sources()].flatMap(([file, text]) => undocumented(file, text))).toEqual([])
})

test.each([
  'export function planted(): void {}',
  'export async function planted(): Promise<void> {}',
  '// a remark\nexport interface planted {}',
  "/** Of something else. */\n\nexport type planted = 'a'",
])('a planted export without a doc comment is found: %s', (text) => {
  expect(undocumented('lib/planted.ts', text)).toEqual(['lib/planted.ts: planted'])
})

/**
 * Who calls the writing methods of Kube. Everything that a project has in a cluster is written by the one engine; the other two write
 * objects that belong to no project: a note for other tools, and a namespace that exists only during one check.
 */
const clusterWriters = ['commands/doctor/policy-probe.ts', 'platform/registry-hosting.ts', 'stack/apply.ts']

function writersIn(files: Files): string[] {
  const writing = /\b[kK]ube\??\.(apply|patch|delete)\b/
  return [...files].filter(([, text]) => writing.test(text)).map(([file]) => file)
}

test('a cluster is written to by the engine of the stack alone', () => {
  const dryRunOnly = 'stack/validate.ts'
  const files = sources()
  expect(writersIn(files).sort()).toEqual([...clusterWriters, dryRunOnly])
  expect(files.get(dryRunOnly)?.match(/kube\.apply\(.*/g)).toEqual([expect.stringContaining('dryRun: true')])
})

test('a cluster is connected to by what compares it with the agreement of the user', () => {
  const connecting = [...sources()].filter(([, text]) => /\bconnectKube\(/.test(text)).map(([file]) => file)
  const agreeing = ['platform/existing.ts', 'platform/platform.ts', 'project/agreed.ts']
  expect(connecting.sort()).toEqual(['kube/client/client.ts', ...agreeing])
})

test.each([
  'await kube.apply(object, options)',
  'await deps.kube.patch(ref, patch, signal)',
  'const remove = project.kube.delete',
])('a planted write to the cluster is found: %s', (text) => {
  expect(writersIn(new Map([['release/planted.ts', text]]))).toEqual(['release/planted.ts'])
})

test('only main reads the environment of the process', () => {
  const readers = [...sources()].filter(([file, text]) => file !== 'cli/main.ts' && /\bprocess\.env\b/.test(text))
  expect(readers.map(([file]) => file)).toEqual([])
})

test('all labels and annotations of devk stand in lib/keys.ts', () => {
  const writers = [...sources()].filter(([file, text]) => file !== 'lib/keys.ts' && /['"`]devk\.dev\//.test(code(text)))
  expect(writers.map(([file]) => file)).toEqual([])
})

test.each([
  ['a room above', 'kube/planted.ts', "import { live } from '../up/live/live.ts'"],
  ['a room above, over two lines', 'lib/planted.ts', "import {\n  live,\n} from '../loop/session.ts'"],
  ['a room above, as a type', 'stack/planted.ts', "import type { Progress } from '../terminal/progress.ts'"],
  ['a room above, on demand', 'state/planted.ts', "const live = await import('../loop/session.ts')"],
  ['a neighbour', 'engine/planted.ts', "import { connectKube } from '../kube/client/client.ts'"],
  ['the cli', 'commands/planted.ts', "import type { Commands } from '../cli/commands.ts'"],
  ['a folder that is no room', 'lib/planted.ts', "import { help } from '../utils/help.ts'"],
  ["another file's library", 'host/planted.ts', "import { execa } from 'execa'"],
  ["a part of another file's library", 'host/planted.ts', "import parse from 'semver/functions/parse.js'"],
  ["another file's library, again exported", 'kube/planted.ts', "export { execa } from 'execa'"],
])('a planted import is refused: %s', (_name, file, text) => {
  expect(breaches(new Map([[file, text]]))).toHaveLength(1)
})

test('a planted circle of types is found', () => {
  const files = new Map([
    ['stack/a.ts', "import type { B } from './b.ts'"],
    ['stack/b.ts', "import type { C } from './c.ts'"],
    ['stack/c.ts', "import type { A } from './a.ts'"],
    ['stack/d.ts', "import { a } from './a.ts'"],
  ])
  expect(circles(files)).toEqual(['stack/a.ts → stack/b.ts → stack/c.ts → stack/a.ts'])
})
