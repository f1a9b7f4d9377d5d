/** A build or a push of an image is killed, interrupted, or meets a full disk of the engine or the registry: the next `up` works. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect } from 'vitest'
import { eventually } from '../e2e/support/eventually.ts'
import { base, type ImageWorld, registry, startImageWorld } from './site/image-world.ts'
import { detached } from './site/plane-project.ts'
import { expectNoProcess, processesWith } from './site/processes.ts'
import { createSite, type Site } from './site/site.ts'
import { campaign, wanted } from './support/campaign.ts'
import type { Random } from './support/random.ts'
import { startWorld, type World } from './support/world.ts'

let world: World
let images: ImageWorld

beforeAll(async () => {
  world = await startWorld()
  images = await startImageWorld()
})
afterAll(async () => {
  await images?.stop()
  await world?.stop()
})

/** Each seed takes the next one. An engine tries for a minute to push to a registry whose disk is full. */
const faults = ['kill', 'signal', 'engine', ...(wanted.isLong ? ['registry'] : [])]

campaign({
  name: 'builds',
  short: faults.length,
  long: 10 * faults.length,
  async run(random, id) {
    const project = `${id}-b`
    const site = await createSite(project)
    const fault = faults[Number(id.slice(1)) % faults.length] ?? 'kill'
    const strike = fault === 'kill' || fault === 'signal' ? interrupted : onFullDisk
    await world.server.create('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: project },
    })
    try {
      for (let [time, times] = [0, random.int(1, 3)]; time < times; time += 1) {
        await describe(site, project, random)
        await strike(random, site, fault)
      }
      const content = await describe(site, project, random)
      const { exitCode, stderr } = await start(site, detached).finished
      expect(exitCode, stderr).toBe(0)
      await expectImage(project, content)
      expect((await start(site, ['down']).finished).exitCode).toBe(0)
      expect(await site.litter()).toEqual([])
      await expectNoProcess(site.mark)
    } finally {
      await site.dispose()
      await images.forget(project)
      await world.server.remove(`/api/v1/namespaces/${project}`)
    }
  },
})

const start = (site: Site, args: readonly string[]) => site.start(args, { env: images.environment })

/** Writes a project with one image, whose build takes a while. Gives the content of its file. */
async function describe(site: Site, name: string, random: Random): Promise<string> {
  const content = random.text(12)
  const container = { name: 'web', image: 'web' }
  const labels = { app: 'web' }
  const template = { metadata: { labels }, spec: { containers: [container] } }
  const spec = { replicas: 0, selector: { matchLabels: labels }, template }
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec }
  const cluster = { provider: 'existing', context: 'faults', kubeconfig: world.kubeconfig, namespace: name, registry }
  const services = { web: { build: { context: 'web' } } }
  await site.write('platform.config.json', JSON.stringify({ name, cluster, services, deploy: { manifests: 'k8s' } }))
  await site.write('k8s/web.json', JSON.stringify(deployment))
  await site.write('web/content', content)
  // It cannot be compressed, so that it fills the disk of a registry too.
  await site.write('web/blob', randomBytes(1_500_000).toString('base64'))
  await site.write(
    'web/Dockerfile',
    `FROM ${base}\nCOPY content /content\nRUN --network=none sleep ${random.int(0, 2)}.${content.length}\nCOPY blob /blob\n`,
  )
  return content
}

/** Ends devk while it builds or pushes. */
async function interrupted(random: Random, site: Site, fault: string): Promise<void> {
  const running = start(site, detached)
  await eventually('the cluster', 60, async () => /Cluster/.test(running.output()) || undefined)
  await sleep(random.int(0, 5000))
  const isOver = running.child.exitCode !== null
  const began = performance.now()
  if (fault === 'kill' && !isOver) process.kill(-(running.child.pid ?? 0), 'SIGKILL')
  if (fault === 'signal') running.child.kill(random.pick(['SIGINT', 'SIGTERM']))
  const { exitCode, stderr } = await running.finished
  const ms = performance.now() - began
  if (fault === 'signal' && !isOver) {
    expect(ms, stderr).toBeLessThan(2500)
    expect([0, 130], stderr).toContain(exitCode)
  }
  await expectNoProcess(site.mark)
  // The engine ends the step of a build that nobody waits for.
  await eventually(
    'the end of the build',
    20,
    async () => (await processesWith(/^sleep \d\.12$/)).length === 0 || undefined,
  )
}

/** Runs devk while a disk is full from its start on, or becomes full. */
async function onFullDisk(random: Random, site: Site, fault: string): Promise<void> {
  const disk = fault === 'engine' ? images.engine : images.registry
  const left = random.pick([0, 100_000, 1_000_000])
  const isEarly = random.chance(0.6)
  if (isEarly) await disk.fill(left)
  const running = start(site, detached)
  try {
    if (!isEarly) {
      await sleep(random.int(0, 3000))
      await disk.fill(left)
    }
    const { exitCode, stderr } = await running.finished
    expect([0, 1], stderr).toContain(exitCode)
    if (exitCode === 0) return
    // A registry does not tell its clients that its disk is full.
    expect(stderr).toMatch(fault === 'engine' ? /\[DISK_FULL\]/ : /\[(DISK_FULL|LOAD_FAILED)\]/)
    expect(stderr).toMatch(fault === 'engine' ? /disk of the engine/ : /localhost:5000/)
  } finally {
    await disk.free()
  }
}

/** The Deployment runs an image whose file has this content, and the registry has it. */
async function expectImage(project: string, content: string): Promise<void> {
  const [deployment] = await world.server.list(`/apis/apps/v1/namespaces/${project}/deployments`)
  const spec = deployment?.spec as { template: { spec: { containers: [{ image: string }] } } }
  expect(await images.contentOf(spec.template.spec.containers[0].image, '/content')).toBe(content)
}
