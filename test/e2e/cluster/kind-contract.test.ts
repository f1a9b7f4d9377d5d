/** The contract of cluster providers with the real kind; unit tests run it with fakes. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, test } from 'vitest'
import { type ProviderUnderTest, providerContract } from '../../contract/cluster-provider.ts'
import { docker } from '../../support/docker.ts'
import { realKind } from '../support/kind-provider.ts'
import { nodeImage } from '../support/test-cluster.ts'

const name = 'devk-e2e-contract'
let folder: string
let subject: ProviderUnderTest

const kindOf = async (project: string) => (await realKind(project, folder)).kind

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-e2e-contract-'))
  await docker('rm', '-f', '-v', `${name}-control-plane`)
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
    stopNode: async () => void (await docker('stop', '-t', '2', `${name}-control-plane`)),
  }
})

afterAll(async () => {
  await (await kindOf(name)).delete(name, subject.kubeconfig, AbortSignal.timeout(120_000))
  await rm(folder, { recursive: true, force: true })
})

test.each(Object.entries(providerContract))('%s', (_, check) => check(subject))
