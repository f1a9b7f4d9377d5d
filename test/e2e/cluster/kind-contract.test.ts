/** The contract of cluster providers with the real kind, after a create that was killed; unit tests run it with fakes. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { execaRunner } from '../../../src/exec/runner.ts'
import { type ProviderUnderTest, providerContract } from '../../contract/cluster-provider.ts'
import { docker } from '../../support/docker.ts'
import { eventually } from '../support/eventually.ts'
import { realKind } from '../support/kind-provider.ts'
import { leftovers } from '../support/leftovers.ts'
import { nodeImage } from '../support/test-cluster.ts'
import { findKind } from '../support/tools.ts'

const name = 'devk-e2e-contract'
const node = `${name}-control-plane`
let folder: string
let subject: ProviderUnderTest

const kindOf = async (project: string) => (await realKind(project, folder)).kind

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-e2e-contract-'))
  await docker('rm', '-f', '-v', node)
  subject = {
    spec: {
      project: name,
      name,
      nodes: [{ role: 'control-plane', labels: {}, taints: [] }],
      ports: [],
      image: nodeImage,
      podSubnet: undefined,
      serviceSubnet: undefined,
      kubeadmPatches: [],
    },
    kubeconfig: join(folder, 'private', 'kubeconfig'),
    signal: AbortSignal.timeout(900_000),
    provider: kindOf,
    stopNode: async () => void (await docker('stop', '-t', '2', node)),
  }
})

afterAll(async () => {
  await (await kindOf(name)).delete(name, subject.kubeconfig, AbortSignal.timeout(120_000))
  await rm(folder, { recursive: true, force: true })
})

const checks = Object.entries(providerContract)
let half = ''

test.each(checks.slice(0, 1))('%s', (_, check) => check(subject))

test('a create that is killed leaves a cluster that belongs to the project', async () => {
  const { kind, journal } = await realKind(name, folder)
  await journal.begin('cluster', name, { provider: 'kind' })
  const args = ['create', 'cluster', '--name', name, '--image', nodeImage, '--kubeconfig', join(folder, 'half')]
  const killed = execaRunner(process.env).spawn(await findKind(), args)
  await eventually('a container of the cluster', 60, async () => (await leftovers(name)).length > 0 || undefined)
  process.kill(killed.pid ?? 0, 'SIGKILL')
  await killed.done
  half = await docker('inspect', '--format', '{{.Id}}', node)
  expect(await kind.inspect(name, subject.signal)).toMatchObject({ ownedBy: name })
})

test.each(checks.slice(1, 2))('%s', (_, check) => check(subject))

test('create has replaced the half-made cluster', async () => {
  expect(await docker('inspect', '--format', '{{.Id}}', node)).not.toBe(half)
})

test.each(checks.slice(2))('%s', (_, check) => check(subject))
