import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Devk, devkIn } from '../../test/e2e/support/devk.ts'

/** A project of many small services, in a temporary folder, with a cluster of its own. */
export interface ManyServices {
  readonly name: string
  readonly count: number
  readonly devk: Devk
  /** Runs devk to its end. Throws when it fails. */
  run(args: readonly string[]): Promise<void>
  /** Changes the manifest of one service, each time to another value. */
  change(): Promise<void>
  /** Runs `devk down` and removes the folder. */
  dispose(): Promise<void>
}

/** What the services are made of. */
export interface ManyServicesOptions {
  readonly name: string
  readonly count: number
  /** Pods of each service; 0 for objects only. */
  readonly replicas: number
}

/** Writes the files of the project. Starts nothing. */
export async function createManyServices({ name, count, replicas }: ManyServicesOptions): Promise<ManyServices> {
  const folder = await mkdtemp(join(tmpdir(), `devk-${name}-`))
  const k8s = join(folder, 'k8s')
  await mkdir(k8s)
  await writeFile(join(folder, 'platform.config.json'), JSON.stringify({ name, deploy: { manifests: 'k8s' } }))
  const write = (at: number, value: number) =>
    writeFile(join(k8s, `service-${at}.json`), JSON.stringify(serviceList(`service-${at}`, replicas, value)))
  let changes = 0
  for (let at = 0; at < count; at += 1) await write(at, changes)
  const devk = await devkIn(folder)
  const run = async (args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await devk.run(args)
    if (exitCode !== 0) throw new Error(`devk ${args.join(' ')}: ${stdout}${stderr}`)
  }
  return {
    name,
    count,
    devk,
    run,
    async change() {
      changes += 1
      await write(0, changes)
    },
    dispose: async () => {
      await devk.run(['down'])
      await devk.dispose()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A Deployment with a ConfigMap and a Service, as most services have them. */
function serviceList(name: string, replicas: number, value: number): object {
  const labels = { app: name }
  const container = {
    name: 'main',
    image: 'busybox:1.37',
    command: ['sleep', 'infinity'],
    env: [{ name: 'VALUE', value: String(value) }],
    envFrom: [{ configMapRef: { name } }],
    ports: [{ containerPort: 8080 }],
  }
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } }
  const items = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { NAME: name } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: { replicas, selector: { matchLabels: labels }, template },
    },
  ]
  return { apiVersion: 'v1', kind: 'List', items }
}
