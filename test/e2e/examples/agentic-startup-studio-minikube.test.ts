/**
 * The Agentic Startup Studio on Minikube. What does not depend on the provider is tested on kind, in the long runs.
 * @module-tag platform-images
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { minikubeKubectl } from '../../../src/cluster/minikube-nodes.ts'
import { eventually } from '../support/eventually.ts'
import { getJson } from '../support/http.ts'
import { kubectlIn } from '../support/kubectl.ts'
import { leftovers, profileLeftovers } from '../support/leftovers.ts'
import { installMinikube, type Minikube, offlineCluster, offlineManifests } from '../support/minikube.ts'
import { declareStudioTests } from '../support/projects/agentic-startup-studio.ts'

const project = 'studio-minikube'
const webPort = 31590
let minikube: Minikube

beforeAll(async () => {
  minikube = await installMinikube()
})
afterAll(() => minikube?.dispose())

const { studio } = declareStudioTests({
  project,
  port: 18092,
  webPort,
  isBrief: true,
  changes: [['cluster: { load', `cluster: { ${offlineCluster}, ports: ['${webPort}:80', '${webPort + 1}:443'], load`]],
  files: { 'offline.yaml': offlineManifests },
  kubectl: kubectlIn(project, minikubeKubectl),
})

/** The names of all Minikube profiles. */
const profiles = async (): Promise<string[]> => {
  const { valid } = JSON.parse(await minikube.run('profile', 'list', '-o', 'json', '--light')) as {
    valid: { Name: string }[]
  }
  return valid.map(({ Name }) => Name)
}

test('status reports a cluster that minikube stopped, and up starts it with its data', async () => {
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

test('dev syncs a save into every replica, without a build', async () => {
  const route = '@app.get("/saved")\ndef saved() -> dict[str, str]:\n    return {"saved": settings.pod}\n\n\n'
  const dev = studio().start(['dev'])
  try {
    await dev.waitFor(/Watching/)
    await studio().edit('backend/app/main.py', '@app.get("/")', `${route}@app.get("/")`)
    await dev.waitFor(/backend.*synced/)
    const pods = new Set<string>()
    await eventually('the new route on three replicas', 60, async () => {
      const { saved: pod } = (await getJson('http://localhost:18092/saved')) as { saved?: string }
      if (pod !== undefined) pods.add(pod)
      return pods.size === 3 ? true : undefined
    })
  } finally {
    dev.child.kill('SIGINT')
    await dev.finished
  }
})

test('up refuses a Minikube profile that another project created', async () => {
  await studio().edit('platform.config.ts', `name: '${project}'`, "name: 'another'")
  await studio().edit('platform.config.ts', 'cluster: { ', `cluster: { name: '${project}', `)
  const up = await studio().run(['up', '--yes', '--detach'])
  expect(up.exitCode).not.toBe(0)
  expect(up.stderr).toContain(`The Minikube profile ${project} already exists`)
  expect(await profiles()).toEqual([project])
})

test('down removes the profile and everything of the project', async () => {
  await studio().edit('platform.config.ts', `cluster: { name: '${project}', `, 'cluster: { ')
  await studio().edit('platform.config.ts', "name: 'another'", `name: '${project}'`)
  const down = await studio().run(['down'])
  expect(down.exitCode, down.stderr).toBe(0)
  expect([await profiles(), await profileLeftovers(project), await leftovers(project)]).toEqual([[], [], []])
})
