import { readFile, stat } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { ClusterProvider, ClusterSpec } from '../../src/cluster/provider.ts'

/** A provider to be tried: on a fake, or on the real tool. */
export interface ProviderUnderTest {
  /** A cluster of one node that is not there yet. */
  readonly spec: ClusterSpec
  readonly kubeconfig: string
  readonly signal: AbortSignal
  /** The provider of a project; the same one each time it is asked for. */
  provider(project: string): Promise<ClusterProvider>
  /** Stops the node behind the provider's back. */
  stopNode(): Promise<void>
}

/** What every provider keeps to, step by step on one cluster. */
export function providerContract(subject: () => ProviderUnderTest): void {
  const own = () => subject().provider(subject().spec.project)

  test('a version is told, and nothing is there', async () => {
    const { spec, signal } = subject()
    expect(await (await own()).version(signal)).toMatch(/^\d+\.\d+\.\d+/)
    expect(await (await own()).inspect(spec.name, signal)).toEqual({ state: 'absent' })
  })

  test('created, it runs, is known as ours, and its private kubeconfig has its one context', async () => {
    const { spec, signal, kubeconfig } = subject()
    const provider = await own()
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
  })

  test('created again, it is the same one; with another shape it is refused', async () => {
    const { spec, signal, kubeconfig } = subject()
    const provider = await own()
    const before = await provider.inspect(spec.name, signal)
    await provider.create(spec, kubeconfig, () => {}, signal)
    expect(await provider.inspect(spec.name, signal)).toEqual(before)
    const larger = { ...spec, nodes: [...spec.nodes, { role: 'worker' as const, labels: {}, taints: [] }] }
    await expect(provider.create(larger, kubeconfig, () => {}, signal)).rejects.toMatchObject({
      code: 'CLUSTER_FAILED',
    })
  })

  test('another project is refused everything', async () => {
    const { spec, signal, kubeconfig } = subject()
    const other = await subject().provider('other')
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
    expect(await (await own()).inspect(spec.name, signal)).toMatchObject({ state: 'running' })
  })

  test('stopped, it is started again', async () => {
    const { spec, signal, kubeconfig } = subject()
    await subject().stopNode()
    expect(await (await own()).inspect(spec.name, signal)).toMatchObject({ state: 'stopped', ownedBy: spec.project })
    await (await own()).create(spec, kubeconfig, () => {}, signal)
    expect(await (await own()).inspect(spec.name, signal)).toMatchObject({ state: 'running' })
  })

  test('deleted, and deleted again, nothing is left', async () => {
    const { spec, signal, kubeconfig } = subject()
    await (await own()).delete(spec.name, kubeconfig, signal)
    await (await own()).delete(spec.name, kubeconfig, signal)
    expect(await (await own()).inspect(spec.name, signal)).toEqual({ state: 'absent' })
    await expect(stat(kubeconfig)).rejects.toMatchObject({ code: 'ENOENT' })
  })
}
