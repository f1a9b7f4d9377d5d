import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const launcher = fileURLToPath(new URL('../../bin/devk', import.meta.url))

/** A folder of devk with this launcher and these files; executable are those that start with #!. Programs on PATH lie in `path/`. */
async function devkWith(files: Record<string, string>): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'devk-launcher-')))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  await mkdir(join(root, 'bin'))
  await mkdir(join(root, 'tmp'))
  await copyFile(launcher, join(root, 'bin/devk'))
  for (const [name, text] of Object.entries({ 'package.json': '{\n  "version": "1.2.3"\n}\n', ...files })) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
    if (text.startsWith('#!')) await chmod(join(root, name), 0o755)
  }
  return root
}

interface Started {
  readonly child: ChildProcess
  readonly finished: Promise<{ exitCode: number; stdout: string; stderr: string }>
}

function start(root: string, command: readonly string[] = [join(root, 'bin/devk'), 'status'], more = {}): Started {
  const [program = '', ...args] = command
  const env = { PATH: `${join(root, 'path')}:/usr/bin:/bin`, TMPDIR: join(root, 'tmp'), ...more }
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk
  })
  const finished = once(child, 'close').then(([exitCode]) => ({ exitCode: exitCode as number, ...output }))
  return { child, finished }
}

const node = (version: string) => `#!/bin/sh\ncase $1 in --version) echo ${version} ;; *) echo "started $*" ;; esac\n`

test.each(['v22.22.0', 'v22.23.1', 'v24.0.0', 'v26.3.0'])('starts on Node %s of PATH', async (version) => {
  const root = await devkWith({ 'path/node': node(version) })
  const { exitCode, stdout } = await start(root).finished
  expect([exitCode, stdout]).toEqual([
    0,
    `started --no-deprecation --disable-warning=ExperimentalWarning ${root}/dist/cli/main.js status\n`,
  ])
})

test('neither devk nor a program that it starts leaves a core file', async () => {
  const script =
    '#!/bin/sh\ncase $1 in --version) echo v24.0.0 ;; *) ulimit -S -c; sh -c "kill -SEGV \\$\\$"; ls ;; esac\n'
  const root = await devkWith({ 'path/node': script })
  const command = `mkdir "${root}/empty"; cd "${root}/empty"; ulimit -S -c "$(ulimit -H -c)"; ulimit -S -c; "${root}/bin/devk" status`
  const { stdout } = await start(root, ['sh', '-c', command]).finished
  const [before, ...within] = stdout.trim().split('\n')
  expect([before === '0', within]).toEqual([false, ['0']])
})

test.each(['v22.21.1', 'v23.11.0', 'v20.20.2', 'v8.0.0'])(
  'says in one line what to do about Node %s',
  async (version) => {
    const root = await devkWith({ 'path/node': node(version) })
    const { exitCode, stdout, stderr } = await start(root).finished
    expect([exitCode, stdout, stderr]).toEqual([
      1,
      '',
      `✖ devk needs Node 22 from 22.22, or 24 or newer, but ${version} is on PATH: install Node 24, from https://nodejs.org or with a version manager\n`,
    ])
  },
)

test('tells its version without any Node', async () => {
  const root = await devkWith({ 'path/node': '#!/bin/sh\nexit 1\n' })
  expect((await start(root, [join(root, 'bin/devk'), '--version']).finished).stdout).toBe('1.2.3\n')
})

test.each([
  ['--help', {}, 'the help\n'],
  ['-h', { COLUMNS: '120' }, 'the help\n'],
  ['--help', { COLUMNS: '60' }, 'started --help\n'],
  ['--help', { COLUMNS: 'wide' }, 'started --help\n'],
  ['status', {}, 'started status\n'],
])('%s with %o: the help that the build wrote where it fits', async (arg, columns, printed) => {
  const root = await devkWith({ 'path/node': node('v24.0.0'), 'dist/help.txt': 'the help\n' })
  const { stdout } = await start(root, [join(root, 'bin/devk'), arg], columns).finished
  expect(stdout.replace(/ --no-deprecation .*main\.js/, '')).toBe(printed)
})

test.each([
  [40, 'started'],
  [80, 'the help'],
  [200, 'the help'],
])('a terminal of %i columns', async (columns, printed) => {
  const root = await devkWith({ 'path/node': node('v24.0.0'), 'dist/help.txt': 'the help\n' })
  const command = `stty columns ${columns}; exec ${join(root, 'bin/devk')} --help`
  const { stdout } = await start(root, ['script', '-qec', command, '/dev/null']).finished
  expect(stdout).toContain(printed)
})

/** A checkout whose npm takes half a second and whose build is a script: each writes a line to `log`. */
const checkout = {
  'src/main.ts': '',
  'package-lock.json': '{}',
  'path/npm': `#!/bin/sh
echo "npm $*" >>log
sleep 0.5
mkdir -p node_modules/.bin
cp path/pinned node_modules/.bin/node
touch node_modules/.package-lock.json
`,
  'path/pinned': `#!/bin/sh
case $1 in
  scripts/build.js) echo "build" >>log; mkdir -p dist; touch dist/.built ;;
  *) echo "started $*" ;;
esac
`,
  'scripts/build.js': '',
  'scripts/build/part.ts': '',
  'web/main.tsx': '',
}

test('two first runs at once install and build once; the second says that it waits', async () => {
  const root = await devkWith(checkout)
  const both = await Promise.all([start(root).finished, start(root).finished])
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0])
  expect(both.map(({ stdout }) => stdout)).toEqual(
    Array(2).fill(`started --no-deprecation --disable-warning=ExperimentalWarning ${root}/dist/cli/main.js status\n`),
  )
  expect(await readFile(join(root, 'log'), 'utf8')).toBe('npm ci --include=dev --no-audit --no-fund\nbuild\n')
  expect(both.map(({ stderr }) => stderr).join('')).toMatch(
    /devk: waiting for another devk \(pid \d+\) that installs or builds/,
  )
  expect(await readdir(join(root, 'tmp'))).toEqual([])
  expect(await readdir(root)).not.toContain('.devk-setup')
})

test('builds again after a change of the sources or of the build', async () => {
  const root = await devkWith(checkout)
  await start(root).finished
  const builds = async () => (await readFile(join(root, 'log'), 'utf8')).match(/build/g)?.length
  expect((await start(root).finished).stderr).toBe('')
  expect(await builds()).toBe(1)
  for (const [count, file] of [
    [2, 'src/main.ts'],
    [3, 'scripts/build/part.ts'],
    [4, 'web/main.tsx'],
  ] as const) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    await writeFile(join(root, file), '// changed')
    expect((await start(root).finished).stderr).toBe('devk: building\n')
    expect(await builds()).toBe(count)
  }
})

test('takes over the lock of a devk that was killed', async () => {
  const root = await devkWith(checkout)
  const { child } = start(root, ['true'])
  await once(child, 'close')
  await symlink(`pid-${child.pid}`, join(root, '.devk-setup'))
  expect((await start(root).finished).exitCode).toBe(0)
})

test('shows the end of the output of an installation that failed, and keeps no log', async () => {
  const root = await devkWith({ ...checkout, 'path/npm': '#!/bin/sh\necho "no network" >&2\nexit 1\n' })
  const { exitCode, stderr } = await start(root).finished
  expect(exitCode).toBe(1)
  expect(stderr).toContain('no network\n✖ npm ci failed; the end of its output is above\n')
  expect(await readdir(join(root, 'tmp'))).toEqual([])
  expect(await readdir(root)).not.toContain('.devk-setup')
})

test('writes its log through no link that another user left in the temporary folder', async () => {
  const root = await devkWith({ ...checkout, victim: 'precious' })
  // The shell becomes devk, so the link has the name that a log named after the process would have.
  const trap = `ln -s ../victim tmp/devk-setup.$$.log; exec bin/devk status`
  const { exitCode } = await start(root, ['sh', '-c', `cd '${root}' && ${trap}`]).finished
  expect([exitCode, await readFile(join(root, 'victim'), 'utf8')]).toEqual([0, 'precious'])
})
