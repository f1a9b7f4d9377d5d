/** A kind cluster is interrupted while it is made: the next `up` makes it whole, and `down` leaves nothing of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { kubectlIn } from '../e2e/support/kubectl.ts'
import { leftovers } from '../e2e/support/leftovers.ts'
import { docker } from '../support/docker.ts'
import { expectNoProcess, processesWith } from './site/processes.ts'
import { createSite, type Site } from './site/site.ts'
import { campaign, wanted } from './support/campaign.ts'
import type { Random } from './support/random.ts'

const up = ['up', '--detach', '--yes']
/** About as long as the creation takes, ms. */
const within = 45_000

campaign({
  name: 'creation',
  short: 1,
  long: 40,
  async run(random, id) {
    const name = `${id}-creation`
    const site = await createSite(name)
    try {
      for (let [time, times] = [0, wanted.isLong ? random.int(1, 3) : 1]; time < times; time += 1) {
        const content = random.text(8)
        await describe(site, name, content)
        await interrupted(random, site, name)
        if (wanted.isLong && random.chance(0.3)) await taken(site, name)
        await succeed(site, up)
        await expectWhole(name, content)
      }
      await taken(site, name)
    } finally {
      await site.start(['down']).finished
      await site.dispose()
    }
  },
})

/** A project without images: the cluster is all that takes long. */
async function describe(site: Site, name: string, content: string): Promise<void> {
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { content } }
  await site.write('platform.config.json', JSON.stringify({ name, services: {}, deploy: { manifests: 'k8s' } }))
  await site.write('k8s/settings.json', JSON.stringify(settings))
}

/** Ends `up` at a random moment: by a signal, or by SIGKILL, alone or with all that it has started. */
async function interrupted(random: Random, site: Site, name: string): Promise<void> {
  const how = random.pick(['SIGINT', 'SIGTERM', 'SIGKILL', 'SIGKILL', 'all'] as const)
  const running = site.start(up)
  await sleep(random.int(0, within))
  if (running.child.exitCode !== null) return
  const began = performance.now()
  if (how === 'all') process.kill(-(running.child.pid ?? 0), 'SIGKILL')
  else running.child.kill(how)
  const { exitCode, stderr } = await running.finished
  const ms = performance.now() - began
  if (how === 'all' || how === 'SIGKILL') return
  // The signal may come before Node has started, or after the end of devk.
  expect([130, 0, null], running.output()).toContain(exitCode)
  expect(ms, running.output()).toBeLessThan(2500)
  if (exitCode === 130 && (await leftovers(name)).length > 0) expect(stderr).toContain('What was created so far stays')
  await expectNoProcess(site.mark)
}

async function succeed(site: Site, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await site.start(args).finished
  expect(exitCode, `${args[0]}: ${stderr}`).toBe(0)
}

/** There is one node, which is ready and has what is described, and nobody works on it any more. */
async function expectWhole(name: string, content: string): Promise<void> {
  const nodes = await docker('ps', '-a', '--filter', `label=io.x-k8s.kind.cluster=${name}`, '--format', '{{.Names}}')
  expect(nodes).toBe(`${name}-control-plane`)
  const kubectl = kubectlIn(nodes)
  const ready = 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}'
  expect(await kubectl('get', 'nodes', '-o', ready)).toBe('True')
  expect(await kubectl('get', 'configmap', 'settings', '-o', 'jsonpath={.data.content}')).toBe(content)
  expect(await kindOf(name)).toEqual([])
}

/** `down` leaves no container, volume or network, no process and no file. */
async function taken(site: Site, name: string): Promise<void> {
  await succeed(site, ['down'])
  expect(await leftovers(name)).toEqual([])
  expect(await kindOf(name)).toEqual([])
  await expectNoProcess(site.mark)
  expect(await site.litter()).toEqual([])
}

/** Command lines of a kind that still works on the cluster. */
const kindOf = (name: string) => processesWith(new RegExp(`\\bkind .*${name}`))
