/** The disk of a node is full before `up`, or becomes full meanwhile: devk says where, and goes on when there is room. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect } from 'vitest'
import { eventually } from '../e2e/support/eventually.ts'
import { kubectlIn } from '../e2e/support/kubectl.ts'
import { leftovers } from '../e2e/support/leftovers.ts'
import { nodeImage } from '../e2e/support/test-cluster.ts'
import { docker } from '../support/docker.ts'
import { type FullableDisk, mountDisk } from '../support/second-engine.ts'
import { createSite, type Site } from './site/site.ts'
import { campaign } from './support/campaign.ts'
import type { Random } from './support/random.ts'

const name = 'devk-node-disk'
const node = `${name}-control-plane`
const containerd = '/var/lib/containerd'
const up = ['up', '--detach', '--yes']
let site: Site
let disk: FullableDisk

beforeAll(async () => {
  site = await createSite(name)
  disk = await mountDisk(join(site.folder, 'disk'), 1400)
  // What a node has from its image is at the place at which the disk is mounted.
  const copy = ['cp', nodeImage, '-a', `${containerd}/.`, '/disk/']
  await docker('run', '--rm', '--network=none', '--volume', `${disk.folder}:/disk`, '--entrypoint', ...copy)
  await describe('first', 1000)
  await succeed(up)
})
afterAll(async () => {
  await disk?.free()
  await succeed(['down'])
  await disk?.unmount()
  await site?.dispose()
  expect(await leftovers(name)).toEqual([])
})

campaign({
  name: 'node-disk',
  short: 1,
  long: 20,
  async run(random) {
    const content = random.text(10)
    await describe(content, random.pick([1000, 1_000_000, 10_000_000]))
    await onFullDisk(random)
    await disk.free()
    await succeed(up)
    const shown = await eventually('the new content in the pod', 30, async () => {
      const text = await kubectlIn(node)('exec', 'deployment/web', '--', 'cat', '/content')
      return text === content ? text : undefined
    })
    expect(shown).toBe(content)
  },
})

/** Writes a project with one image, which has this content and some bytes that cannot be compressed. */
async function describe(content: string, bytes: number): Promise<void> {
  const labels = { app: 'web' }
  const container = { name: 'web', image: 'web' }
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } }
  const spec = { selector: { matchLabels: labels }, template }
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec }
  const cluster = { mount: `${disk.folder}:${containerd}` }
  const services = { web: { build: { context: 'web' } } }
  await site.write('platform.config.json', JSON.stringify({ name, cluster, services, deploy: { manifests: 'k8s' } }))
  await site.write('k8s/web.json', JSON.stringify(deployment))
  await site.write('web/content', content)
  await site.write('web/blob', randomBytes(bytes).toString('base64'))
  await site.write('web/Dockerfile', 'FROM busybox:1.37\nCOPY blob content /\nCMD ["sleep", "infinity"]\n')
}

async function succeed(args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await site.start(args).finished
  expect(exitCode, `${args[0]}: ${stderr}`).toBe(0)
}

/** Runs `up` while the disk is full from its start on, or becomes full. */
async function onFullDisk(random: Random): Promise<void> {
  const left = random.pick([0, 0, 20_000, 500_000])
  const isEarly = random.chance(0.6)
  if (isEarly) await disk.fill(left)
  const running = site.start([...up, '--timeout', '30s'])
  if (!isEarly) {
    await sleep(random.int(0, 4000))
    await disk.fill(left)
  }
  const { exitCode, stderr } = await running.finished
  expect([0, 1, 3], stderr).toContain(exitCode)
  if (exitCode === 0) return
  // The node has no room for the image, or the pod none for its container.
  const said = stderr.replace(/\s+/g, ' ')
  expect(said).toMatch(exitCode === 1 ? /\[DISK_FULL\]/ : /no space left on device/)
  expect(said).toContain(exitCode === 1 ? node : 'web')
}
