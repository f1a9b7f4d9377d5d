import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { kindProvider } from '../../src/cluster/kind.ts'
import type { ClusterProvider } from '../../src/cluster/provider.ts'
import { dockerEngine } from '../../src/engine/engine.ts'
import { endOrphans } from '../../src/exec/orphans.ts'
import { execaRunner } from '../../src/exec/runner.ts'
import { portOwners } from '../../src/host/port-owner.ts'
import { openJournal } from '../../src/state/journal.ts'
import { type ProviderUnderTest, providerContract } from '../contract/provider.ts'
import { findKind } from './support/cluster.ts'
import { docker } from './support/engine.ts'

/** The same steps as the fakes are put through, on the real kind. */
const name = 'devk-e2e-contract'
const runner = execaRunner(process.env)
let folder: string
let subject: ProviderUnderTest

async function kindOf(project: string): Promise<ClusterProvider> {
  const open = (leaf: string) => openJournal({ file: join(folder, leaf), now: () => new Date() })
  return kindProvider({
    runner,
    binary: await findKind(),
    engine: dockerEngine(process.env),
    project,
    journal: open(`${project}.json`),
    shared: open('shared.json'),
    portOwner: portOwners(runner, process.platform),
    endOrphans: (args) => endOrphans(runner, process.platform, args),
  })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-e2e-contract-'))
  await docker('rm', '-f', '-v', `${name}-control-plane`)
  subject = {
    spec: {
      project: name,
      name,
      nodes: [{ role: 'control-plane', labels: {}, taints: [] }],
      ports: [],
      image: 'kindest/node:v1.34.4',
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

providerContract(() => subject)
