import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { configSchema } from '../../../../src/config/schema.ts'
import type { Kube, KubeObject, PodStreams } from '../../../../src/kube/api.ts'
import { supervisor } from '../../../../src/lib/keys.ts'
import { transform } from '../../../../src/manifests/transform.ts'
import { nodeSyncer } from '../../../../src/sync/node-syncer.ts'
import { supervisorImage } from '../../../../src/up/images/supervisor.ts'
import { agentOfCheckout, agentsOfCheckout } from '../../../support/agents.ts'
import { docker } from '../../../support/docker.ts'
import type { TestCluster } from '../test-cluster.ts'
import { startDevSession } from './dev-session.ts'
import { debian } from './pods.ts'

/** How to reach the cluster, and the folder on this machine with the source of the service. */
interface Given {
  readonly kube: Kube
  readonly streams: PodStreams
  readonly source: string
}

const namespace = 'restarts'
// It says its version, is ready once it has said it, and crashes with that of a mistake.
const script = [
  'trap "exit 0" TERM',
  'rm -f /data/ready',
  'version=$(cat /data/version 2>/dev/null)',
  'echo "version $version"',
  '[ "$version" = broken ] && exit 3',
  'touch /data/ready',
  'while :; do sleep 0.1; done',
].join('\n')

/** The production manifest of the service: nothing in it is made for devk. */
const manifest: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        securityContext: { runAsUser: 1234, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        terminationGracePeriodSeconds: 600,
        volumes: [{ name: 'data', emptyDir: {} }],
        containers: [
          {
            name: 'main',
            image: debian,
            command: ['sh', '-c'],
            args: [script],
            volumeMounts: [{ name: 'data', mountPath: '/data' }],
            readinessProbe: { exec: { command: ['cat', '/data/ready'] }, periodSeconds: 1 },
            livenessProbe: { exec: { command: ['cat', '/data/ready'] }, periodSeconds: 1, failureThreshold: 1 },
            securityContext: {
              readOnlyRootFilesystem: true,
              allowPrivilegeEscalation: false,
              capabilities: { drop: ['ALL'] },
            },
          },
        ],
      },
    },
  },
}

/** Restarts in place, in a namespace that enforces the Pod Security Standard "restricted". */
export async function proveRestarts(cluster: TestCluster, { kube, streams, source }: Given): Promise<void> {
  mkdirSync(join(source, 'app'), { recursive: true })
  const image = await supervisorImage(
    { name: 'demo' },
    { registry: 'localhost', supervisor: { folder: join(source, '..', 'supervisor'), program: agentOfCheckout } },
  )
  await docker('build', '-q', '-t', image.reference, image.request?.context ?? '')
  await cluster.loadImage(image.reference)
  await docker('rmi', image.reference)
  const service = { workload: 'Deployment/web', sync: [{ from: 'app', to: '/data', restart: true }] }
  const config = configSchema.parse({ name: 'restarts', services: { backend: service } })
  const images = { [supervisor.owner]: image.reference }
  const [deployed] = transform([{ object: manifest, origin: { file: 'web.yaml', line: 1 } }], { config, images })
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } })
  await cluster.apply(deployed?.object as KubeObject)

  const agents = agentsOfCheckout()
  const syncer = nodeSyncer(agents, (node) => node)
  const argv = [supervisor.program, 'restart', supervisor.socket]
  const after = [{ command: { argv, text: 'restart', timeoutMs: 60_000, place: 1 }, when: undefined }]
  const session = startDevSession(kube, { project: 'restarts', syncer, streams, source, to: '/data', after })
  const get = (path: string) => cluster.kubectl('get', 'pods', '-n', namespace, '-o', `jsonpath={.items[*]${path}}`)
  const logs = () => cluster.kubectl('logs', '-n', namespace, 'deploy/web', '-c', 'main')
  const save = async (version: string) => {
    writeFileSync(join(source, 'app', 'version'), version)
    await session.waitForEvent((event) => event.type === 'ran' && event.problem === undefined)
    await expect.poll(logs, { timeout: 20_000 }).toMatch(new RegExp(`version ${version}$`, 'm'))
  }
  const ready = () => get('.status.containerStatuses[0].ready')
  await session.waitForEvent((event) => event.type === 'watching')
  await session.waitForContainer()
  await expect.poll(ready, { timeout: 30_000 }).toBe('true')
  const before = await get('.metadata.uid')

  await save('one')
  await expect.poll(ready, { timeout: 20_000 }).toBe('true')
  await save('broken')
  await expect.poll(logs, { timeout: 20_000 }).toMatch(/devk: the program ended with exit code 3/)
  await expect.poll(ready, { timeout: 20_000 }).toBe('false')
  await save('two')
  await expect.poll(ready, { timeout: 20_000 }).toBe('true')
  expect(await get('.metadata.uid')).toBe(before)
  expect(await get('.status.containerStatuses[0].restartCount')).toBe('0')
  await session.end()
  agents.close()
  // SIGTERM reaches the program: otherwise the pod would stay for its grace period.
  await cluster.kubectl('delete', '-n', namespace, 'deploy/web', '--cascade=foreground', '--timeout=60s')
}
