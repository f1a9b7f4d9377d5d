/** How images get onto the nodes of a cluster: through the registry and as an archive. */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { dockerEngine } from '../../../src/engine/engine.ts'
import { imageLoader } from '../../../src/images/load/load.ts'
import { nodeImages } from '../../../src/images/load/node-images.ts'
import { basicAuthorization } from '../../../src/images/registry/login.ts'
import { connectNodes } from '../../../src/images/registry/nodes.ts'
import { ensureRegistry, type Registry, removeRegistry } from '../../../src/images/registry/registry.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import { announceRegistry } from '../../../src/platform/registry-hosting.ts'
import { agentOfCheckout } from '../../support/agents.ts'
import { buildRequest } from '../../support/build-request.ts'
import { builderFor } from '../../support/image-builder.ts'
import { withLogin } from '../../support/registry-login.ts'
import { createTestCluster, type TestCluster } from '../support/test-cluster.ts'

const engine = dockerEngine(process.env)
const builder = builderFor(process.env)
const signal = new AbortController().signal
const container = 'devk-e2e-registry'
const builtIds: string[] = []
let folder = ''
let cluster: TestCluster
let registry: Registry

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-e2e-load-'))
  cluster = await createTestCluster('devk-e2e-load')
  const guard = async () => (await agentOfCheckout()).read()
  const place = { dataFolder: join(folder, 'data'), loginFolder: join(folder, 'login'), container, guard }
  registry = await ensureRegistry(engine, place, signal)
  await connectNodes(engine, registry, { nodes: [cluster.node] }, signal)
})
afterAll(async () => {
  await cluster?.delete()
  await removeRegistry(engine, container, signal)
  for (const id of builtIds) await removeImage(id)
  await rm(folder, { recursive: true, force: true })
})

/** Removes an image with all its names; the engine refuses to remove an image by its ID while it has several. */
async function removeImage(id: string): Promise<void> {
  for (const tag of (await engine.images.inspect(id, signal))?.tags ?? []) await engine.images.remove(tag, signal)
  await engine.images.remove(id, signal)
}

/** Builds an image with new content. */
async function build(reference: string): Promise<void> {
  await writeFile(join(folder, 'Dockerfile'), 'FROM busybox:1.37\nCMD ["sleep", "3600"]\nCOPY a /a\n')
  await writeFile(join(folder, '.dockerignore'), 'data\nlogin\n')
  await writeFile(join(folder, 'a'), randomUUID())
  builtIds.push(await builder.build(buildRequest(folder, reference), () => {}, signal))
}

const loader = imageLoader(engine)
const load = (reference: string, through: Registry | undefined) =>
  loader.load({ reference, nodes: [cluster.node], registry: through }, () => {}, signal)

const inNode = (...argv: string[]) => engine.exec.run(cluster.node, ['ctr', '-n', 'k8s.io', ...argv], {}, signal)

async function runsAsPod(name: string, image: string): Promise<void> {
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'main', image, imagePullPolicy: 'Never' }] },
  })
  await cluster.kubectl('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s')
}

for (const way of ['registry', 'archive'] as const) {
  const through = () => (way === 'registry' ? registry : undefined)
  const name = () => (way === 'registry' ? `${registry.host}/load/app:1` : 'load/app:1')
  const onNode = () => (way === 'registry' ? name() : `docker.io/${name()}`)

  test(`by ${way}, a new image is loaded once, and a pod runs from it`, async () => {
    await build(name())
    expect(await load(name(), through())).toMatchObject({ via: way })
    expect(await load(name(), through())).toMatchObject({ via: 'none' })
    await runsAsPod(way, onNode())
  })

  test(`by ${way}, another image under the same reference is loaded again`, async () => {
    const before = (await nodeImages(engine, cluster.node, [onNode()], signal)).get(onNode())
    await build(name())
    expect(await load(name(), through())).toMatchObject({ via: way })
    const after = (await nodeImages(engine, cluster.node, [onNode()], signal)).get(onNode())
    expect(after?.unpacked).toBe(true)
    expect(after?.digest).not.toBe(before?.digest)
  })

  test(`by ${way}, an image that was removed from the node is loaded again`, async () => {
    await inNode('images', 'rm', '--sync', onNode())
    expect(await load(name(), through())).toMatchObject({ via: way })
    expect(await load(name(), through())).toMatchObject({ via: 'none' })
  })
}

test('an image that the engine does not have and a registry that the node cannot reach are different errors', async () => {
  await expect(load('load/absent:1', undefined)).rejects.toMatchObject({ code: 'IMAGE_MISSING' })
  const name = `${registry.host}/load/unreachable:1`
  await build(name)
  await connectNodes(engine, { ...registry, nodeUrl: 'http://nowhere.invalid:5000' }, { nodes: [cluster.node] }, signal)
  await expect(load(name, registry)).rejects.toMatchObject({ code: 'LOAD_FAILED' })
  await connectNodes(engine, registry, { nodes: [cluster.node] }, signal)
  expect(await load(name, registry)).toMatchObject({ via: 'registry' })
})

test('with the login, what KEP-1755 announces works for docker, for the container runtime, and in a pod', async () => {
  const kube = {
    get: async () => undefined,
    apply: async (object: KubeObject) => {
      await cluster.apply(object)
      return object
    },
  }
  await announceRegistry(kube, registry, signal)
  const path = 'jsonpath={.data.localRegistryHosting\\.v1}'
  const announced = await cluster.kubectl('-n', 'kube-public', 'get', 'configmap', 'local-registry-hosting', '-o', path)
  const { host, hostFromContainerRuntime, hostFromClusterNetwork } = parse(announced)

  const repository = 'kep/app:1'
  await build(`${host}/${repository}`)
  const login = registry.login ?? { username: '', password: '' }
  const options = await withLogin(join(folder, 'login'), host, login)
  await promisify(execFile)('docker', [...options, 'push', `${host}/${repository}`])
  const image = `${hostFromContainerRuntime}/${repository}`
  // With the policy Always, the container runtime pulls the image by this name.
  const url = `http://${hostFromClusterNetwork}/v2/kep/app/tags/list`
  const header = `Authorization: ${basicAuthorization(login)}`
  // In one stream: the order of the lines of two streams is not kept.
  const asks = `exec 2>&1; until wget -qO- --header '${header}' ${url}; do sleep 1; done; wget -qO- ${url}; sleep 3600`
  const container = { name: 'main', image, imagePullPolicy: 'Always', command: ['sh', '-c', asks] }
  await cluster.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'kep' }, spec: { containers: [container] } })
  await cluster.kubectl('wait', '--for=condition=Ready', 'pod/kep', '--timeout=60s')
  await vi.waitFor(async () => expect(await cluster.kubectl('logs', 'kep')).toMatch(/"kep\/app"[\s\S]*401/), 30_000)
})
