import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { type Devk, devkIn, type Finished } from '../../e2e/support/devk.ts'

const recorder = new URL('recorder.js', import.meta.url).href
/** The Node that devk runs on. */
const node = fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url))

/** A folder of an attacker, and a user who runs devk in it. */
export interface Hostile {
  readonly folder: string
  readonly devk: Devk
  /** Folder of devk's cache, empty at first. */
  readonly cache: string
  /** A command that leaves a mark: proof that something of the repository ran. */
  readonly command: string
  /** Address of a server of the attacker that answers nothing. */
  readonly server: string
  /** Writes files; those that begin with `#!` are programs. */
  write(files: Readonly<Record<string, string>>): Promise<void>
  /** Runs devk; PATH begins with the programs of the repository. */
  run(...args: string[]): Promise<Attacked>
  /** PATH of devk. */
  readonly path: string
  /**
   * The same, and records also each use of a file outside: devk may read itself, the repository and its own folders, and
   * may write only to the last. The permission model of Node tells.
   */
  runAudited(...args: string[]): Promise<Attacked>
  /** The marks so far: names of what ran. */
  marks(): Promise<readonly string[]>
  /** How often something connected to the attacker's server. */
  connections(): number
}

/** What a devk did that ran in a hostile repository. */
export interface Attacked extends Finished {
  /** Processes, connections and looked up names, by their kinds in Node. */
  readonly recorded: readonly string[]
}

/** JavaScript that leaves a mark. */
const scriptMark = (marks: string, name: string) =>
  `require('node:fs').writeFileSync(${JSON.stringify(join(marks, name))}, '')\n`

/** The same for ES modules. */
const moduleMark = (marks: string, name: string) =>
  `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(join(marks, name))}, '')\n`

const programs = [
  'kubectl',
  'kind',
  'helm',
  'minikube',
  'docker',
  'git',
  'npm',
  'sysctl',
  'systemctl',
  'xdg-open',
  'ss',
]

/** devk itself, and the recorder. */
const program = ['dist', 'kit', 'package.json', 'presets', 'test/attacks/support/recorder.js']

/**
 * Options of Node that report what is not allowed, and allow it: https://nodejs.org/api/permissions.html. The first folder
 * may only be read.
 */
function auditOptions([readable = '', ...writable]: readonly string[]): string[] {
  const files = program.map((name) => fileURLToPath(new URL(`../../../${name}`, import.meta.url)))
  const reads = [...files, readable, ...writable].map((file) => `--allow-fs-read=${file}`)
  return ['--permission-audit', ...reads, ...writable.map((file) => `--allow-fs-write=${file}`)]
}

/** A repository whose every hook leaves a mark: metadata that tools import, programs that PATH names, a configuration. */
export async function hostileRepository(): Promise<Hostile> {
  const root = await mkdtemp(join(tmpdir(), 'devk-attack-'))
  const [folder, marks, cache] = ['repository', 'marks', 'cache'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ]
  await mkdir(marks)
  await mkdir(folder)
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const devk = await devkIn(folder)
  const [state, own] = [join(devk.stateHome, 'devk'), join(cache, 'devk')]
  for (const each of [state, own]) await mkdir(each, { recursive: true })
  onTestFinished(async () => {
    server.close()
    await devk.dispose()
    await rm(root, { recursive: true, force: true })
  })
  const write: Hostile['write'] = async (files) => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), text)
      if (text.startsWith('#!')) await chmod(join(folder, name), 0o755)
    }
  }
  const program = (name: string) => `#!/bin/sh\n: > '${marks}/${name}'\n`
  await write({
    '.git/HEAD': 'ref: refs/heads/main\n',
    '.config/config.js': scriptMark(marks, 'config.js'),
    '.config/config.cjs': scriptMark(marks, 'config.cjs'),
    '.config/config.mjs': moduleMark(marks, 'config.mjs'),
    '.config/config.ts': moduleMark(marks, 'config.ts'),
    'package.json': JSON.stringify({ cosmiconfig: { searchPlaces: ['evil.js'] } }),
    'evil.js': scriptMark(marks, 'evil.js'),
    'platform.config.ts': `${moduleMark(marks, 'platform.config.ts')}export default { name: 'evil' }\n`,
    ...Object.fromEntries(
      programs.flatMap((name) => [
        [`node_modules/.bin/${name}`, program(`node_modules/.bin/${name}`.replaceAll('/', '_'))],
        [`tools/${name}`, program(`tools_${name}`)],
      ]),
    ),
  })
  const path = [join(folder, 'node_modules/.bin'), join(folder, 'tools'), node, process.env.PATH].join(delimiter)
  const run = async (args: readonly string[], options: readonly string[] = []): Promise<Attacked> => {
    const nodeOptions = [`--import=${recorder}`, ...options].join(' ')
    const env = { PATH: path, XDG_CACHE_HOME: cache, NODE_OPTIONS: nodeOptions, CI: '1' }
    const { stderr, ...rest } = await devk.run(args, { env })
    const lines = stderr.split('\n')
    const recorded = lines.flatMap((line) => (line.startsWith('recorded: ') ? [line.slice('recorded: '.length)] : []))
    return { ...rest, recorded, stderr: lines.filter((line) => !line.startsWith('recorded: ')).join('\n') }
  }
  return {
    folder,
    devk,
    path,
    cache,
    command: `: > ${marks}/command`,
    server: `127.0.0.1:${port}`,
    write,
    run: (...args) => run(args),
    runAudited: (...args) => run(args, auditOptions([folder, state, own])),
    marks: () => readdir(marks),
    connections: () => connections,
  }
}
