import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { Version } from '@cyclonedx/cyclonedx-library/Spec'
import { JsonStrictValidator } from '@cyclonedx/cyclonedx-library/Validation'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ForeignProject, foreignProject } from '../support/installed-package.ts'

let project: ForeignProject
let devk: string
beforeAll(async () => {
  project = await foreignProject()
  devk = join(project.folder, 'node_modules/devk')
})
afterAll(() => project?.dispose())

async function fileSizes(folder: string): Promise<number[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size))
}

test('an installation is one package of at most 10 MB that runs no script', async () => {
  const installed = await readdir(join(project.folder, 'node_modules'))
  expect(installed.filter((name) => !name.startsWith('.'))).toEqual(['devk'])
  const sizes = await fileSizes(devk)
  expect(sizes.length).toBeGreaterThan(100)
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(10_000_000)
  const lock = JSON.parse(await readFile(join(project.folder, 'package-lock.json'), 'utf8'))
  expect(lock.packages['node_modules/devk']).toMatchObject({ bin: { devk: 'bin/devk' } })
  expect(lock.packages['node_modules/devk']).not.toHaveProperty('hasInstallScript')
})

test('what a user needs is in it, and nothing of the checkout', async () => {
  const names = await readdir(devk)
  expect(names).toEqual(expect.arrayContaining(['README.md', 'bin', 'dist', 'kit', 'package.json', 'presets']))
  expect(names.filter((name) => ['src', 'test', 'tools', 'scripts', 'agent', 'node_modules'].includes(name))).toEqual(
    [],
  )
  expect(await readdir(join(devk, 'dist'))).not.toContain('.built')
})

test('the page of devk ui is in it, and is at most 400 kB compressed', async () => {
  const folder = join(devk, 'dist/web')
  expect((await readdir(folder)).sort()).toEqual(['index.html', 'main.css', 'main.js', 'shared.js', 'terminal.js'])
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))))
  const sizes = files.map((file) => gzipSync(file).length)
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(400_000)
})

test('the agents for nodes of both architectures are in it, with the licences of their modules', async () => {
  const folder = join(devk, 'dist/agent')
  expect((await readdir(folder)).sort()).toEqual(['LICENSES.txt', 'linux-amd64.gz', 'linux-arm64.gz'])
  // What the head of an ELF file says of its architecture: x86-64 and AArch64.
  for (const [arch, machine] of [['amd64', 62] as const, ['arm64', 183] as const]) {
    const program = gunzipSync(await readFile(join(folder, `linux-${arch}.gz`)))
    expect([program.toString('latin1', 1, 4), program.readUInt16LE(18)]).toEqual(['ELF', machine])
  }
  expect(await readFile(join(folder, 'LICENSES.txt'), 'utf8')).toMatch(
    /^Go and golang\.org\/x\/sys@v[\s\S]+The Go Authors/m,
  )
})

test('the licences of the bundled packages are in it', async () => {
  const text = await readFile(join(devk, 'dist/THIRD_PARTY_LICENSES.txt'), 'utf8')
  const named = [...text.matchAll(/^((?:@[^/\s]+\/)?[^@\s]+)@\S+ \((.+)\)$/gm)].map((match) => match[1])
  expect(named).toEqual(
    expect.arrayContaining(['@kubernetes/client-node', 'chokidar', 'dockerode', 'execa', 'listr2', 'ssh2']),
  )
  expect(named).not.toContain('vitest')
  expect(text).toContain('Copyright (c) Cenk Kilic')
  // A package that only names its licence.
  expect(text).toMatch(/^split-ca@\S+ \(ISC\)\n\n.*Charles Bushong.*\n\nISC License/m)
})

test('the bill of materials is valid, and has what is in the package: no more, no less', async () => {
  const text = await readFile(join(devk, 'dist/sbom.cdx.json'), 'utf8')
  expect(await new JsonStrictValidator(Version.v1dot6).validate(text)).toBe(null)
  const bom = JSON.parse(text) as { metadata: object; components: { purl: string; licenses?: object[] }[] }
  const { version } = JSON.parse(await readFile(join(devk, 'package.json'), 'utf8'))
  expect(bom.metadata).toMatchObject({ component: { purl: `pkg:npm/devk@${version}`, licenses: [{}] } })
  expect(bom.components.filter(({ licenses }) => licenses === undefined)).toEqual([])
  const names = bom.components.map(({ purl }) => decodeURIComponent(purl))
  const npm = names.flatMap((name) => (name.startsWith('pkg:npm/') ? [name.slice('pkg:npm/'.length)] : []))
  const licences = await readFile(join(devk, 'dist/THIRD_PARTY_LICENSES.txt'), 'utf8')
  const bundled = [...licences.matchAll(/^((?:@[^/\s]+\/)?[^@\s]+@\S+) \(.+\)$/gm)].flatMap((match) => match[1] ?? [])
  expect(npm.sort()).toEqual([...new Set(bundled)].sort())
  const agents = await readFile(join(devk, 'dist/agent/LICENSES.txt'), 'utf8')
  const modules = [...agents.matchAll(/^(?:Go and )?(golang\.org\S+@\S+)$/gm)].map((match) => `pkg:golang/${match[1]}`)
  const go = names.filter((name) => name.startsWith('pkg:golang/') && !name.startsWith('pkg:golang/stdlib@'))
  expect(go.sort()).toEqual(modules.sort())
  expect(names).toContainEqual(expect.stringMatching(/^pkg:golang\/stdlib@1\.\d+/))
})
