import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { execaRunner } from '../../../src/exec/runner.ts'
import { builtGo, hostGo } from '../../../src/kit/find-go.ts'
import { buildGoPrograms } from '../../../src/kit/gobuild.ts'
import type { Workshop } from '../../../src/kit/recipe.ts'
import { statePaths } from '../../../src/state/paths.ts'

// No checksum database knows this module: what is built was checked against the kit's go.sum.
const module = 'example.invalid/tool'
const version = 'v1.0.0'
const prefix = `${module}@${version}/`
const files = { 'go.mod': `module ${module}\n\ngo 1.24\n`, 'main.go': 'package main\n\nfunc main() {}\n' }
const signal = AbortSignal.timeout(100_000)
const { cache } = statePaths({ HOME: homedir(), ...process.env })

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-go-sums-'))
  await publish()
})
afterEach(async () => {
  await execaRunner(process.env).run('chmod', ['-R', 'u+w', folder])
  await rm(folder, { recursive: true, force: true })
})

const sha256 = (text: string) => createHash('sha256').update(text)
/** The checksum of files as in go.sum: https://go.dev/ref/mod#go-sum-files */
function checksum(entries: readonly (readonly [string, string])[]): string {
  const lines = entries.map(([name, text]) => `${sha256(text).digest('hex')}  ${name}\n`)
  return `h1:${sha256(lines.join('')).digest('base64')}`
}
// An archive of git has an entry for its folder, too.
const content = checksum(Object.entries({ '': '', ...files }).map(([name, text]) => [prefix + name, text]))
const goMod = checksum([['go.mod', files['go.mod']]])

/** Publishes the module on a proxy that is a folder. */
async function publish(): Promise<void> {
  const source = join(folder, 'source')
  const proxy = join(folder, 'proxy', module, '@v')
  await mkdir(source)
  await mkdir(proxy, { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(source, name), text)
  const git = async (...args: string[]) => {
    const { exitCode, stderr } = await execaRunner(process.env).run('git', ['-C', source, ...args])
    expect(exitCode, stderr).toBe(0)
  }
  await git('init', '--quiet')
  await git('add', '.')
  await git('-c', 'user.name=a', '-c', 'user.email=a@example.invalid', 'commit', '--quiet', '-m', 'files')
  await git('archive', '--format=zip', `--prefix=${prefix}`, '-o', join(proxy, `${version}.zip`), 'HEAD')
  await writeFile(join(proxy, `${version}.mod`), files['go.mod'])
  await writeFile(join(proxy, `${version}.info`), JSON.stringify({ Version: version }))
  await writeFile(join(proxy, 'list'), `${version}\n`)
}

/** Builds the tool with this text as the kit's go.sum. */
async function buildWith(sums: string): Promise<void> {
  const kitDir = join(folder, 'kit')
  await mkdir(join(kitDir, 'go'), { recursive: true })
  await writeFile(join(kitDir, 'go/go.sum'), sums)
  const env = { GOPROXY: `file://${join(folder, 'proxy')}`, GOMODCACHE: join(folder, 'modules'), GOFLAGS: '-mod=mod' }
  const runner = execaRunner({ ...process.env, ...env })
  const here = await hostGo(runner, signal)
  const kits = here === undefined ? await builtGo(cache) : undefined
  const work = {
    recipe: { name: 'tool', tools: here === undefined ? ['go'] : [] },
    deps: { runner, kitDir },
    dir: join(folder, 'work'),
    out: join(folder, 'out'),
    signal,
    outputOf: () => join(dirname(kits ?? ''), '../../..'),
    async exec(command: string, args: readonly string[], options = {}) {
      const { exitCode, stdout, stderr } = await runner.run(command, args, options)
      if (exitCode !== 0) throw new Error(stderr)
      return stdout
    },
  } as unknown as Workshop
  await mkdir(work.dir, { recursive: true })
  await buildGoPrograms(work, [{ module, version, programs: [{ out: 'tool', package: module }] }])
}

test('a module that the go.sum of the kit names is built without the checksum database', async () => {
  await buildWith(`${module} ${version} ${content}\n${module} ${version}/go.mod ${goMod}\n`)
  expect((await readFile(join(folder, 'out/tool'))).toString('latin1', 1, 4)).toBe('ELF')
})

test('a module with another content than the go.sum of the kit says is not built', async () => {
  const other = checksum([['main.go', 'other']])
  await expect(buildWith(`${module} ${version} ${other}\n${module} ${version}/go.mod ${goMod}\n`)).rejects.toThrow(
    'SECURITY ERROR',
  )
})

test('a module that the go.sum of the kit does not name is not built', async () => {
  await expect(buildWith(`${module} ${version}/go.mod ${goMod}\n`)).rejects.toThrow()
  await expect(readFile(join(folder, 'out/tool'))).rejects.toThrow('ENOENT')
})
