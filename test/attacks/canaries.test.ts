/**
 * Twenty secrets, wherever a project can have one: what devk does without an engine shows none of them.
 * test/e2e/secrets.test.ts does the same with a cluster. Each search also finds a text that is no secret.
 */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { createSecretProject, type SecretProject } from '../e2e/support/projects/secret-project.ts'

const name = 'canaries'
let project: SecretProject
const outputs: string[] = []

/** There is no engine at this address. */
const noEngine = { DOCKER_HOST: 'unix:///nowhere/docker.sock' }

async function run(...args: string[]): Promise<number | null> {
  const { exitCode, stdout, stderr } = await project.runWith(noEngine, ...args)
  outputs.push(stdout, stderr)
  return exitCode
}

beforeAll(async () => {
  project = await createSecretProject(name)
  return async () => {
    await project.devk.dispose()
    await rm(project.folder, { recursive: true, force: true })
  }
})

test('canaries are found, as they are and in base64 at each offset', () => {
  const { env = '' } = project.canaries
  expect(Object.keys(project.canaries)).toHaveLength(20)
  for (const before of ['', 'a', 'ab', 'abc']) {
    const encoded = Buffer.from(`${before}${env}zz`).toString('base64')
    expect([project.found(before + env), project.found(encoded)]).toEqual([['env'], ['env']])
  }
})

test('no output shows one, also of a command that fails beside it', async () => {
  expect([await run('plan'), await run('plan', '--json', '--verbose'), await run('config')]).toEqual([0, 0, 0])
  await run('doctor', '--json', '--verbose')
  expect(await run('up', '--detach', '--yes', '--verbose')).toBe(1)
  await project.write('.env', `TOKEN=${project.canaries.env}\nURL="${project.canaries['env url']}\n`)
  expect(await run('plan')).toBe(2)
  await project.useToken('rotated')
  const text = outputs.join('\n')
  expect([text.includes(name), project.found(text)]).toEqual([true, []])
})

test('no program gets one as an argument, and values of Helm are none', async () => {
  const bin = await mkdtemp(join(tmpdir(), 'devk-attack-helm-'))
  onTestFinished(() => rm(bin, { recursive: true }))
  await writeFile(join(bin, 'helm'), '#!/bin/sh\necho "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"\n')
  await chmod(join(bin, 'helm'), 0o755)
  await mkdir(join(project.folder, 'chart'))
  await project.write('chart/Chart.yaml', 'apiVersion: v2\nname: c\nversion: 0.1.0\n')
  const { env = '', rotated = '' } = project.canaries
  const set = { password: env, 'users[0].password': rotated, 'users[0].id': 31967 }
  const config = JSON.parse(await readFile(join(project.folder, 'platform.config.json'), 'utf8'))
  const deploy = { ...config.deploy, helm: [{ name: 'a', chart: 'chart', set }] }
  await project.write('platform.config.json', JSON.stringify({ ...config, deploy }))
  const path = [bin, process.env.PATH].join(delimiter)
  expect((await project.runWith({ ...noEngine, PATH: path }, 'plan')).exitCode).toBe(0)
  const argv = await project.argv()
  expect([argv.includes('31967'), argv.includes('kustomize'), project.found(argv)]).toEqual([true, true, []])
})

test('no program gets one in its environment', async () => {
  const given = await project.environments()
  expect([given.includes('kustomize'), given.includes('PATH='), project.found(given)]).toEqual([true, true, []])
})

test('no file that devk keeps has one', async () => {
  const entries = await readdir(project.devk.stateHome, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const text = (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n')
  expect([text.includes(name), project.found(text)]).toEqual([true, []])
})
