import { afterAll, beforeAll, expect, test } from 'vitest'
import { leftovers } from '../support/engine.ts'
import { eventually } from '../support/eventually.ts'
import { readFresh } from '../support/fresh.ts'
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

test('a save is answered by every replica, without a build', async () => {
  const route = '@app.get("/saved")\ndef saved() -> dict[str, str]:\n    return {"saved": settings.pod}\n\n\n'
  const dev = studio().start(['dev'])
  try {
    await dev.sees(/Watching/)
    await studio().edit('backend/app/main.py', '@app.get("/")', `${route}@app.get("/")`)
    await dev.sees(/backend.*synced/)
    const pods = new Set<string>()
    await eventually('the new route on three replicas', 60, async () => {
      const { saved: pod } = (await readFresh('http://localhost:18092/saved')) as { saved?: string }
      if (pod !== undefined) pods.add(pod)
      return pods.size === 3 ? true : undefined
    })
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
  expect(up.stderr).toContain(`The Minikube profile ${project} already exists`)
  expect(await profiles()).toEqual([project])
})

test('down leaves nothing of the profile', async () => {
  await studio().edit('platform.config.ts', `cluster: { name: '${project}', `, 'cluster: { ')
  await studio().edit('platform.config.ts', "name: 'another'", `name: '${project}'`)
  const down = await studio().run(['down'])
  expect(down.exitCode, down.stderr).toBe(0)
  expect([await profiles(), await profileLeftovers(project), await leftovers(project)]).toEqual([[], [], []])
})
