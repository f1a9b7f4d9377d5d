import { expect, test } from 'vitest'
import type { ClusterProvider } from '../../../src/cluster/provider.ts'
import type { Engine } from '../../../src/engine/api.ts'
import { journalOfEngine, onItsEngine } from '../../../src/platform/its-engine.ts'
import { fakeJournal, signal, spec } from '../cluster/support.ts'

/** An engine that gives these identities, one for each answer; the last one from then on. */
function engineOf(...ids: string[]): Engine {
  const info = async () => ({ id: ids.length > 1 ? ids.shift() : ids[0], host: `unix:///${ids[0]}.sock` })
  return { images: { info } } as unknown as Engine
}

/** A provider to which no cluster exists, as on an engine that did not create one. */
const absent = {
  inspect: async () => ({ state: 'absent' }),
  create: async () => {},
  delete: async () => {},
} as unknown as ClusterProvider

test('a cluster of another engine is refused, in place of being taken for gone', async () => {
  const journal = fakeJournal()
  await journalOfEngine(journal, engineOf('desktop')).begin('cluster', 'todo', { provider: 'kind' })
  const there = onItsEngine(absent, journal, engineOf('desktop'))
  expect(await there.inspect('todo', signal)).toEqual({ state: 'absent' })
  const elsewhere = onItsEngine(absent, journal, engineOf('colima'))
  const refused = { code: 'CLUSTER_FOREIGN', details: expect.arrayContaining(['its engine: unix:///desktop.sock']) }
  await expect(elsewhere.inspect('todo', signal)).rejects.toMatchObject(refused)
  await expect(elsewhere.delete('todo', '/kubeconfig', signal)).rejects.toMatchObject(refused)
  await expect(elsewhere.create(spec(), '/kubeconfig', () => {}, signal)).rejects.toMatchObject(refused)
})

test('an entry of an older devk gets its engine; an engine that invents an identity for each answer gives none', async () => {
  const [journal, podman] = [fakeJournal(), fakeJournal()]
  await journal.begin('cluster', 'todo', { provider: 'kind' })
  await onItsEngine(absent, journal, engineOf('desktop')).create(spec(), '/kubeconfig', () => {}, signal)
  expect((await journal.find('cluster', 'todo'))?.facts.engine).toBe('desktop')
  await journalOfEngine(podman, engineOf('1', '2')).begin('cluster', 'todo')
  expect((await podman.find('cluster', 'todo'))?.facts).toEqual({})
  const random = onItsEngine(absent, journal, engineOf('1', '2', '3'))
  expect(await random.inspect('todo', signal)).toEqual({ state: 'absent' })
})
