import { afterAll, beforeAll, expect, test } from 'vitest'
import { leftovers } from '../support/engine.ts'
import {
  kubectlIn,
  type Minikube,
  offlineCluster,
  offlineManifests,
  profileLeftovers,
  realMinikube,
} from '../support/minikube.ts'
import { studioTests } from '../support/studio.ts'

const project = 'studio-minikube'
const webPort = 31590
let minikube: Minikube

beforeAll(async () => {
  minikube = await realMinikube()
})
afterAll(() => minikube?.dispose())

const { studio } = studioTests({
  project,
  port: 18092,
  webPort,
  changes: [['cluster: { load', `cluster: { ${offlineCluster}, ports: ['${webPort}:80', '${webPort + 1}:443'], load`]],
  files: { 'offline.yaml': offlineManifests },
  kubectl: kubectlIn(project),
})

const profiles = async (): Promise<string[]> => {
  const { valid } = JSON.parse(await minikube.run('profile', 'list', '-o', 'json', '--light')) as {
    valid: { Name: string }[]
  }
  return valid.map(({ Name }) => Name)
}

test('stopped by minikube itself, it is told at once, and up brings it back with its data', async () => {
  const ideas = async () => (await fetch('http://localhost:18092/ideas')).json()
  const before = await ideas()
  await minikube.run('stop', '-p', project)
  const status = await studio().run(['status'])
  expect(status.exitCode).not.toBe(0)
  expect(status.stderr).toMatch(/devk up starts it again/)
  const up = await studio().run(['up', '--yes', '--detach', '--timeout', '5m'])
  expect(up.exitCode, up.stderr).toBe(0)
  expect(await ideas()).toEqual(before)
})

test('a save is in the container at once', async () => {
  const dev = studio().start(['dev'])
  try {
    await dev.sees(/watch/i)
    await studio().edit('backend/app/main.py', '@app.get("/")', '# Saved.\n@app.get("/")')
    await dev.sees(/backend.*synced/)
  } finally {
    dev.child.kill('SIGINT')
    await dev.finished
  }
})

test('a profile of its name that is not its own is left alone', async () => {
  await studio().edit('platform.config.ts', `name: '${project}'`, "name: 'another'")
  await studio().edit('platform.config.ts', 'cluster: { ', `cluster: { name: '${project}', `)
  const up = await studio().run(['up', '--yes', '--detach'])
  expect(up.exitCode).not.toBe(0)
  expect(up.stderr).toContain(`A Minikube profile named ${project} is there`)
  expect(await profiles()).toEqual([project])
})

test('down leaves nothing of the profile', async () => {
  await studio().edit('platform.config.ts', `cluster: { name: '${project}', `, 'cluster: { ')
  await studio().edit('platform.config.ts', "name: 'another'", `name: '${project}'`)
  const down = await studio().run(['down'])
  expect(down.exitCode, down.stderr).toBe(0)
  expect([await profiles(), await profileLeftovers(project), await leftovers(project)]).toEqual([[], [], []])
})
