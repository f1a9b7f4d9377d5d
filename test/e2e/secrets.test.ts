/**
 * Twenty secrets, wherever a project can have one: none may show up where others can read it. Each search also looks for
 * a text that is no secret and must be there, so that a search that finds nothing at all fails.
 */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { docker } from '../support/docker.ts'
import { kubectlIn } from './support/kubectl.ts'
import { leftovers } from './support/leftovers.ts'
import { createSecretProject, type SecretProject } from './support/projects/secret-project.ts'

const name = 'canaries'
const node = `${name}-control-plane`
const kubectl = kubectlIn(node)
let project: SecretProject

const found = (text: string | Buffer) => project.found(text)

beforeAll(async () => {
  project = await createSecretProject(name)
})
afterAll(() => project?.dispose())

test('canaries are found, as they are and in base64 at each offset', () => {
  expect(Object.keys(project.canaries)).toHaveLength(20)
  const { env = '' } = project.canaries
  for (const before of ['', 'a', 'ab', 'abc']) {
    expect([found(before + env), found(Buffer.from(`${before}${env}zz`).toString('base64'))]).toEqual([
      ['env'],
      ['env'],
    ])
  }
})

test('no output of any command shows one, also while a secret changes', async () => {
  const outputs: string[] = []
  const run = async (expected: number, ...args: string[]) => {
    const { exitCode, stdout, stderr } = await project.run(...args)
    expect([args, exitCode, stderr]).toEqual([args, expected, expect.anything()])
    outputs.push(stdout, stderr)
  }
  await run(0, 'plan')
  await run(0, 'up', '--detach', '--yes', '--verbose', '--timeout', '90s')
  await run(0, 'up', '--detach', '--yes', '--json')
  await project.useToken('rotated')
  await run(0, 'plan', '--verbose')
  await run(0, 'plan', '--json')
  await run(0, 'up', '--detach', '--yes', '--verbose', '--timeout', '90s')
  for (const command of ['status', 'history', 'config']) {
    await run(0, command, '--json', '--verbose')
    await run(0, command)
  }
  // It may find something wrong with the machine.
  const doctor = await project.run('doctor', '--json', '--verbose')
  outputs.push(doctor.stdout, doctor.stderr)
  await run(0, 'run', 'show', '--verbose')
  await run(0, 'logs', '--verbose')
  // A mistake beside a secret, and a manifest that the API server refuses.
  await project.write('.env', `TOKEN=${project.canaries.env}\nURL="${project.canaries['env url']}\n`)
  await run(2, 'plan')
  await project.useToken('rotated')
  const text = outputs.join('\n')
  expect([text.includes(name), found(text)]).toEqual([true, []])
})

test('no program that devk starts gets one as an argument', async () => {
  const argv = await project.argv()
  expect([argv.includes('kustomize'), argv.includes('buildx'), found(argv)]).toEqual([true, true, []])
})

test('no program that devk starts gets one in its environment', async () => {
  const given = await project.environments()
  expect([given.includes('buildx'), given.includes('PATH='), found(given)]).toEqual([true, true, []])
})

test('no file that devk keeps has one, and only the user can read those files', async () => {
  const below = (folder: string) => readdir(folder, { recursive: true, withFileTypes: true })
  const files = (await below(project.devk.stateHome)).filter((entry) => entry.isFile())
  const paths = files.map((entry) => join(entry.parentPath, entry.name))
  const text = (await Promise.all(paths.map((path) => readFile(path, 'latin1')))).join('\n')
  expect([text.includes(name), found(text)]).toEqual([true, []])
  const open = (await Promise.all(paths.map(async (path) => [path, (await stat(path)).mode & 0o077] as const))).filter(
    ([, mode]) => mode !== 0,
  )
  expect(open.filter(([path]) => /encryption|kubeconfig/.test(path))).toEqual([])
})

test('no object in the cluster but the data of Secrets has one, nor does a label or a container of a node', async () => {
  const kinds = (await kubectl('api-resources', '--verbs=list', '-o', 'name')).split('\n')
  const others = kinds.filter((kind) => kind !== 'secrets')
  const objects = await kubectl('get', others.join(','), '-A', '-o', 'json', '--show-managed-fields')
  const metadata = await kubectl('get', 'secrets', '-A', '-o', 'jsonpath={.items[*].metadata}')
  const containers = await docker('inspect', node)
  expect([objects.includes(project.controls.object), found(objects)]).toEqual([true, []])
  expect([metadata.includes('devk.dev/'), found(metadata)]).toEqual([true, []])
  expect([containers.includes(node), found(containers)]).toEqual([true, []])
})

test('no image has one: neither in a layer nor in its history and labels', async () => {
  const ids = await docker('images', '-q', '--no-trunc', '--filter', `label=devk.dev/project=${name}`)
  const [id = ''] = ids.split('\n')
  const history = `${await docker('history', '--no-trunc', id)}\n${await docker('inspect', id)}`
  expect([history.includes(project.controls.history), found(history)]).toEqual([true, []])
  const folder = await mkdtemp(join(tmpdir(), 'devk-e2e-layers-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const archive = join(folder, 'image.tar')
  await docker('save', '-o', archive, id)
  await execa('tar', ['-xf', archive, '-C', folder])
  await rm(archive)
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const files = await Promise.all(entries.map((entry) => readFile(join(entry.parentPath, entry.name))))
  const bytes = files.map((file) => (file[0] === 0x1f && file[1] === 0x8b ? gunzipSync(file) : file))
  expect(bytes.some((file) => file.includes(project.controls.layer))).toBe(true)
  expect(bytes.flatMap(found)).toEqual([])
})

test('etcd has Secrets encrypted only, and the key is on this machine only', async () => {
  const search = (text: string) => ['exec', node, 'grep', '-rlaF', text, '/var/lib/etcd']
  const holds = (text: string) =>
    docker(...search(text)).then(
      (files) => files !== '',
      () => false,
    )
  expect(await holds(project.controls.object)).toBe(true)
  const inEtcd: string[] = []
  for (const [place, canary] of Object.entries(project.canaries)) if (await holds(canary)) inEtcd.push(place)
  expect(inEtcd).toEqual([])
  expect(await kubectl('get', 'secret', 'text', '-o', 'jsonpath={.data.a}')).toBe(
    Buffer.from(project.canaries['manifest text'] ?? '').toString('base64'),
  )
  const key = join(project.devk.stateHome, `devk/projects/${name}/encryption/encryption.yaml`)
  expect((await stat(key)).mode & 0o777).toBe(0o600)
})

test('down removes the cluster, its images and the key', async () => {
  expect((await project.run('down')).exitCode).toBe(0)
  expect(await leftovers(name)).toEqual([])
  const left = await readdir(project.devk.stateHome, { recursive: true })
  expect(left.filter((file) => file.includes('encryption'))).toEqual([])
})
