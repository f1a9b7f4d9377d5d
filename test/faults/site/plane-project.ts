import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { keyOf } from '../oracle/objects.ts'
import type { World } from '../support/world.ts'
import { createSite, type Site, type SiteOptions } from './site.ts'

/** `devk up` for a control plane, of whose use there is nobody to ask. */
export const up: readonly string[] = ['up', '--allow-context', 'faults']

/** The same without the loop. */
export const detached: readonly string[] = [...up, '--detach']

/** What the manifests of a project describe. */
export interface Described {
  /** Content of the ConfigMap `settings`. */
  readonly content: string
  /** Further ConfigMaps, each with this content too. */
  readonly others?: number
  /** A pod, for which `up` waits: without a node for ever. */
  readonly waits?: boolean
  /** A chart that helm takes half a minute to render, in spite of SIGTERM and SIGINT. */
  readonly slow?: boolean
}

/** A project on a control plane without nodes. */
export interface PlaneProject extends Site {
  readonly name: string
  /** Writes configuration and manifests; the further ones are those of the profiles p0, p1 and so on. */
  describe(described: Described, profiles?: readonly Described[]): Promise<void>
  /** Runs devk to its end, which must be a success. */
  succeed(args: readonly string[], options?: SiteOptions): Promise<void>
  /** What `found` gives when this is deployed, sorted. */
  expected(described: Described): [string, string][]
  /** The objects of the project that the API server has, by kind and name, with their content. */
  found(): Promise<Map<string, string>>
  /** Fails unless exactly what the manifests describe is there. */
  expectDeployed(described: Described): Promise<void>
}

/** Writes a project whose namespace exists already, so that `down` need not wait until the server has emptied it. */
export async function planeProject(world: World, name: string): Promise<PlaneProject> {
  const site = await createSite(name)
  await world.server.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  await site.write('chart/Chart.yaml', 'apiVersion: v2\nname: slow\nversion: 1.0.0\n')
  await writeFile(join(site.programs, 'helm'), slowHelm(site), { mode: 0o755 })
  const found = async () => {
    const objects = await Promise.all(
      ['/api/v1/namespaces/NAME/configmaps', '/apis/apps/v1/namespaces/NAME/deployments'].map((path) =>
        world.server.list(path.replace('NAME', name)),
      ),
    )
    const own = objects.flat().filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt')
    return new Map(own.map((object) => [keyOf(object), String((object.data as Data | undefined)?.content)]))
  }
  const expected = (described: Described) =>
    objectsOf(described)
      .map((object): [string, string] => {
        const metadata = { ...object.metadata, namespace: name }
        return [keyOf({ ...object, metadata }), String(object.data?.content)]
      })
      .sort()
  const { start } = site
  return {
    ...site,
    name,
    start,
    async succeed(args, options) {
      const { exitCode, stderr } = await start(args, options).finished
      expect(exitCode, `${args[0]}: ${stderr}`).toBe(0)
    },
    async describe(described, profiles = []) {
      const file = (folder: string) => ({ deploy: { manifests: folder } })
      const others = Object.fromEntries(profiles.map((_, index) => [`p${index}`, file(`profile-${index}`)]))
      const config = { ...configuration(world, name, described), profiles: others }
      await site.write('platform.config.json', JSON.stringify(config))
      await site.write('k8s/app.json', listOf(described))
      for (const [index, each] of profiles.entries()) await site.write(`profile-${index}/app.json`, listOf(each))
    },
    found,
    expected,
    expectDeployed: async (described) => expect([...(await found())].sort()).toEqual(expected(described)),
  }
}

const listOf = (described: Described) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objectsOf(described) })

type Data = Readonly<Record<string, string>>

/**
 * As a helm that waits for a server: it and its child go on after a signal. devk passes it neither the mark nor the
 * name of the file.
 */
const slowHelm = ({ folder, mark }: Site) => `#!/bin/sh
export '${mark}'
trap '' INT TERM
touch '${folder}/helm-runs'
sleep 30
`

function configuration({ kubeconfig }: World, name: string, { slow, waits }: Described): object {
  return {
    name,
    cluster: { provider: 'existing', context: 'faults', kubeconfig, namespace: name },
    services: waits ? { web: { workload: 'Deployment/web' } } : {},
    deploy: { manifests: 'k8s', ...(slow ? { helm: [{ name: 'slow', chart: 'chart' }] } : {}) },
  }
}

function objectsOf({ content, others = 0, waits = false }: Described) {
  const settings = ['settings', ...Array.from({ length: others }, (_, index) => `other-${index}`)]
  return [
    ...settings.map((name) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { content } })),
    ...(waits ? [deployment] : []),
  ] as { apiVersion: string; kind: string; metadata: { name: string }; data?: Data }[]
}

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'web', image: 'registry.k8s.io/pause:3.10' }],
      },
    },
  },
}
