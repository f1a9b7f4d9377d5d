/** A configuration that is data, and names files of the user that are not part of its repository. */
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Hostile, hostileRepository } from './support/hostile.ts'

const config = ['--config', 'data/platform.config.yaml']

/** A folder of the user with files of every kind that a configuration can name. */
async function home(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'devk-attack-home-')))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'chart/templates'), { recursive: true })
  const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: private-thing }\n'
  await writeFile(join(folder, 'id'), 'KEY=private-thing\n')
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY id /\n')
  await writeFile(join(folder, 'a.yaml'), text)
  await writeFile(join(folder, 'kustomization.yaml'), 'resources: [a.yaml]\n')
  await writeFile(join(folder, 'chart/Chart.yaml'), 'apiVersion: v2\nname: c\nversion: 0.1.0\n')
  await writeFile(join(folder, 'chart/templates/a.yaml'), text)
  return folder
}

/** A repository with a configuration, and links to the folder and to files of it. */
async function repository(folder: string, lines: string): Promise<Hostile> {
  const hostile = await hostileRepository()
  const data = join(hostile.folder, 'data')
  await hostile.write({
    'data/app/Dockerfile': 'FROM scratch\n',
    'data/k8s/own.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: own }\n',
    'data/chart/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 0.1.0\n',
    'data/chart/templates/own.yaml': '{}',
    'data/parent/Chart.yaml': `apiVersion: v2\nname: p\nversion: 0.1.0\ndependencies: [{ name: c, version: 0.1.0, repository: 'file://${folder}/chart' }]\n`,
    'data/platform.config.yaml': `name: it\n${lines}\n`,
  })
  await symlink(folder, join(data, 'link'))
  await symlink(join(folder, 'a.yaml'), join(data, 'k8s/b.yaml'))
  await mkdir(join(data, 'chart/files'))
  await symlink(join(folder, 'id'), join(data, 'chart/files/id'))
  return hostile
}

const build = (lines: string) => `services: { web: { build: { context: app, ${lines} } } }`

/** Each key of the configuration that takes a path, what its line is, and what the user must agree to. */
const ways: [string, (folder: string) => string, string][] = [
  ['secrets.a.fromEnvFile', (home) => `secrets: { a: { fromEnvFile: ${home}/id } }`, 'id'],
  ['secrets.a.orElse', (home) => `secrets: { a: { fromEnvFile: .env, orElse: ${home}/id } }`, 'id'],
  ['secrets.a.fromEnvFile', () => 'secrets: { a: { fromEnvFile: link/id } }', 'id'],
  [
    'externals.db.secret.fromEnvFile',
    (home) => `externals: { db: { image: a, port: 1, secret: { fromEnvFile: ${home}/id } } }`,
    'id',
  ],
  ['services.web.build.context', (home) => `services: { web: { build: { context: ${home} } } }`, ''],
  ['services.web.build.context', () => 'services: { web: { build: { context: link } } }', ''],
  ['services.web.build.dockerfile', (home) => build(`dockerfile: ${home}/Dockerfile`), 'Dockerfile'],
  ['services.web.build.contexts.a', (home) => build(`contexts: { a: ${home} }`), ''],
  ['services.web.build.contexts.b', (home) => build(`contexts: { b: 'oci-layout://${home}:latest' }`), ''],
  ['services.web.build.ssh[0]', (home) => build(`ssh: ['a=${home}/id']`), 'id'],
  ['services.web.build.secrets.a.file', (home) => build(`secrets: { a: { file: ${home}/id } }`), 'id'],
  ['services.web.build.caCertificates', (home) => build(`caCertificates: ${home}/id`), 'id'],
  ['services.web.sync[0].from', () => 'services: { web: { image: a, sync: [{ from: link, to: /a }] } }', ''],
  ['cluster.mount', (home) => `cluster: { mount: '${home}:/srv' }`, ''],
  ['cluster.cni', (home) => `cluster: { provider: minikube, cni: ${home}/a.yaml }`, 'a.yaml'],
  ['deploy.manifests[0]', (home) => `deploy: { manifests: ${home}/a.yaml }`, 'a.yaml'],
  ['deploy.manifests[0]', () => 'deploy: { manifests: k8s }', 'a.yaml'],
  ['deploy.manifests[0]', () => "deploy: { manifests: '{.,k8s}/*.yaml' }", 'a.yaml'],
  ['deploy.kustomize[0]', (home) => `deploy: { kustomize: ${home} }`, ''],
  ['deploy.helm[0].chart', (home) => `deploy: { helm: [{ name: a, chart: ${home}/chart }] }`, 'chart'],
  ['deploy.helm[0].chart', () => 'deploy: { helm: [{ name: a, chart: chart }] }', 'id'],
  ['deploy.helm[0].chart', () => 'deploy: { helm: [{ name: a, chart: parent }] }', 'chart'],
  [
    'deploy.helm[0].values[0]',
    (home) => `deploy: { helm: [{ name: a, chart: https://127.0.0.1:9/c.tgz, values: [${home}/a.yaml] }] }`,
    'a.yaml',
  ],
]

test.each(ways)('%s does not take a file of the user unasked: %s', async (key, lines, name) => {
  const folder = await home()
  const hostile = await repository(folder, lines(folder))
  const { exitCode, stdout, stderr } = await hostile.run('plan', ...config)
  const said = ` ${stderr.replaceAll(/\s+/g, ' ')}`
  expect([exitCode, said]).toEqual([2, expect.stringContaining(' outside of its repository ')])
  expect(said).toContain(' data/platform.config.yaml:2:')
  expect(said).toContain(` ${key} (`)
  expect(said).toContain(` devk allow ${config.join(' ')} ${join(folder, name).replace(/\/$/, '')} `)
  expect(stdout + stderr).not.toContain('private-thing')
})

test('up --yes does not agree to what lies outside of the folder that it is called in', async () => {
  const folder = await home()
  const hostile = await repository(folder, `secrets: { a: { fromEnvFile: ${folder}/id } }`)
  const { exitCode, stderr } = await hostile.run('up', '--yes', '--detach', ...config)
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(join(folder, 'id'))])
})

test('devk allow PATH agrees to a path and to what is below it, for this project, until devk deny', async () => {
  const folder = await home()
  const hostile = await repository(folder, `secrets: { a: { fromEnvFile: ${folder}/id } }`)
  await hostile.write({ 'other/platform.config.yaml': `name: it\nsecrets: { a: { fromEnvFile: ${folder}/id } }\n` })
  const asked = async (file = 'data') =>
    (await hostile.run('plan', '--config', `${file}/platform.config.yaml`)).stderr.includes('outside of its repository')
  const answers = [await asked()]
  expect((await hostile.run('allow', ...config, folder)).exitCode).toBe(0)
  answers.push(await asked(), await asked('other'))
  await hostile.run('deny', ...config)
  answers.push(await asked())
  expect(answers).toEqual([true, false, true, true])
})

test('a terminal shows the paths and asks; no is the default', async () => {
  const folder = await home()
  const hostile = await repository(folder, `secrets: { a: { fromEnvFile: ${folder}/id } }`)
  const running = hostile.devk.start(['plan', ...config], { columns: 100 })
  await running.waitFor(/Do you allow that\?/)
  expect(running.output()).toContain(join(folder, 'id'))
  running.type('\r')
  expect((await running.finished).exitCode).toBe(2)
})
