import { readFile, stat } from 'node:fs/promises'
import { expect } from 'vitest'
import type { ClusterProvider, ClusterSpec } from '../../src/cluster/provider.ts'

/** A provider to test: with a fake tool, or with the real one. */
export interface ProviderUnderTest {
  /** A cluster with one node that does not exist yet. */
  readonly spec: ClusterSpec
  readonly kubeconfig: string
  readonly signal: AbortSignal
  /** The provider of a project; the same one at each call. */
  provider(project: string): Promise<ClusterProvider>
  /** Stops the node without the provider. */
  stopNode(): Promise<void>
}

/**
 * What every provider of clusters must do: titles of tests with their functions. They run in this order on one cluster:
 * `test.each(Object.entries(providerContract))('%s', (_, check) => check(subject))`.
 */
export const providerContract: Readonly<Record<string, (subject: ProviderUnderTest) => Promise<void>>> = {
  'version gives the version of the tool, and inspect finds no cluster': async (subject) => {
    const { spec, signal } = subject
    const provider = await own(subject)
    expect(await provider.version(signal)).toMatch(/^\d+\.\d+\.\d+/)
    expect(await provider.inspect(spec.name, signal)).toEqual({ state: 'absent' })
  },

  'create makes a running cluster of the project, and a private kubeconfig with one context': async (subject) => {
    const { spec, signal, kubeconfig } = subject
    const provider = await own(subject)
    await provider.create(spec, kubeconfig, () => {}, signal)
    const state = await provider.inspect(spec.name, signal)
    expect(state).toMatchObject({
      state: 'running',
      ownedBy: spec.project,
      nodes: [{ role: 'control-plane', running: true }],
    })
    const text = await readFile(kubeconfig, 'utf8')
    expect(text.match(/current-context: (\S+)/)?.[1]).toBe(provider.contextName(spec.name))
    expect(text.match(/^- context:/gm)).toHaveLength(1)
    expect((await stat(kubeconfig)).mode & 0o777).toBe(0o600)
  },

  'a second create leaves the cluster as it is, and refuses another shape': async (subject) => {
    const { spec, signal, kubeconfig } = subject
    const provider = await own(subject)
    const before = await provider.inspect(spec.name, signal)
    await provider.create(spec, kubeconfig, () => {}, signal)
    expect(await provider.inspect(spec.name, signal)).toEqual(before)
    const larger = { ...spec, nodes: [...spec.nodes, { role: 'worker' as const, labels: {}, taints: [] }] }
    await expect(provider.create(larger, kubeconfig, () => {}, signal)).rejects.toMatchObject({
      code: 'CLUSTER_FAILED',
    })
  },

  'another project is refused to create, start, delete or read the cluster': async (subject) => {
    const { spec, signal, kubeconfig } = subject
    const other = await subject.provider('other')
    const file = `${kubeconfig}-other`
    for (const attempt of [
      () => other.create({ ...spec, project: 'other' }, file, () => {}, signal),
      () => other.start(spec.name, file, signal),
      () => other.kubeconfig(spec.name, file, signal),
      () => other.delete(spec.name, file, signal),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'CLUSTER_FOREIGN' })
    }
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await (await own(subject)).inspect(spec.name, signal)).toMatchObject({ state: 'running' })
  },

  'create starts a stopped cluster': async (subject) => {
    const { spec, signal, kubeconfig } = subject
    const provider = await own(subject)
    await subject.stopNode()
    expect(await provider.inspect(spec.name, signal)).toMatchObject({ state: 'stopped', ownedBy: spec.project })
    await provider.create(spec, kubeconfig, () => {}, signal)
    expect(await provider.inspect(spec.name, signal)).toMatchObject({ state: 'running' })
  },

  'a second delete succeeds, and nothing is left': async (subject) => {
    const { spec, signal, kubeconfig } = subject
    const provider = await own(subject)
    await provider.delete(spec.name, kubeconfig, signal)
    await provider.delete(spec.name, kubeconfig, signal)
    expect(await provider.inspect(spec.name, signal)).toEqual({ state: 'absent' })
    await expect(stat(kubeconfig)).rejects.toMatchObject({ code: 'ENOENT' })
  },
}

/** The provider of the project that the cluster belongs to. */
const own = ({ provider, spec }: ProviderUnderTest) => provider(spec.project)
