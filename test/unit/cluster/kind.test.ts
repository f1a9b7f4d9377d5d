import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { kindProvider } from '../../../src/cluster/kind.ts'
import { shapeOf } from '../../../src/cluster/shape.ts'
import type { ContainerInfo } from '../../../src/engine/api.ts'
import type { Runner } from '../../../src/exec/runner.ts'
import { container, fakeEngine, fakeJournal, signal, spec } from './support.ts'

const node = container('todo-control-plane')
const ready = JSON.stringify({
  items: [{ metadata: { name: 'todo-control-plane' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }],
})

/** A cluster that records its owner on request, and otherwise has the given `owner`. */
function setup(containers: ContainerInfo[] = [], owner?: { project: string; uid: string }) {
  const folder = mkdtempSync(join(tmpdir(), 'devk-kind-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  let note: object | undefined = owner
  const fake = fakeEngine(containers, (args, stdin) => {
    if (args.startsWith('get nodes')) return ready
    if (args.startsWith('get namespace')) return 'uid-1'
    if (args.startsWith('apply')) {
      note = JSON.parse(stdin ?? '').items[1].data
      return ''
    }
    if (args.includes('get configmap')) return note === undefined ? '' : JSON.stringify({ data: note })
    throw new Error(`unexpected: kubectl ${args}`)
  })
  const calls: string[] = []
  const outcome = { createExit: 0 }
  const runner: Runner = {
    async run(_binary, args) {
      calls.push(args.join(' '))
      if (args[0] === 'create') {
        fake.networks.add('kind')
        if (outcome.createExit === 0) containers.push(node)
        return { exitCode: outcome.createExit, stdout: '', stderr: 'ERROR: no space left on device' }
      }
      if (args[0] === 'get') return { exitCode: 0, stdout: 'current-context: kind-todo', stderr: '' }
      throw new Error(`unexpected: kind ${args.join(' ')}`)
    },
    spawn: () => {
      throw new Error('unexpected spawn')
    },
  }
  const [journal, shared] = [fakeJournal(), fakeJournal()]
  const portOwner = async () => undefined
  const orphans: string[] = []
  const kind = kindProvider({
    runner,
    binary: 'kind',
    engine: fake.engine,
    project: 'todo',
    journal,
    shared,
    portOwner,
    endOrphans: async (args) => void orphans.push(args.join(' ')),
  })
  return { ...fake, kind, journal, shared, calls, orphans, outcome, file: join(folder, 'kubeconfig') }
}

test('processes of an earlier devk are ended before a create and before a delete', async () => {
  const { kind, calls, orphans, file } = setup()
  await kind.create(spec(), file, () => {}, signal)
  expect(orphans).toEqual([calls[0]])
  await kind.delete('todo', file, signal)
  expect(orphans).toEqual([calls[0], calls[0]])
})

test('create records the cluster before and after, checks it, and writes its kubeconfig', async () => {
  const { kind, journal, shared, calls, file } = setup()
  await kind.create(spec(), file, () => {}, signal)
  expect(calls.map((call) => call.split(' --')[0])).toEqual(['create cluster', 'get kubeconfig'])
  expect(await journal.entries()).toMatchObject([
    { state: 'made', facts: { ids: 'id-todo-control-plane', nodes: 'todo-control-plane', shape: shapeOf(spec()) } },
  ])
  expect(await shared.find('network', 'kind')).toBeDefined()
  expect(readFileSync(file, 'utf8')).toBe('current-context: kind-todo\n')
  expect(await kind.inspect('todo', signal)).toMatchObject({ state: 'running', ownedBy: 'todo' })
})

test('a create that fails shows its last lines and stays recorded, so that the next one starts again', async () => {
  const { kind, journal, outcome, file, containers, log } = setup()
  outcome.createExit = 1
  const create = () => kind.create(spec(), file, () => {}, signal)
  await expect(create()).rejects.toMatchObject({
    code: 'CLUSTER_FAILED',
    details: ['ERROR: no space left on device'],
  })
  expect(await journal.find('cluster', 'todo')).toMatchObject({ state: 'begun' })
  containers.push({ ...node, id: 'half', state: 'exited' })
  outcome.createExit = 0
  await create()
  expect(log).toEqual(['remove half'])
})

test.each([
  ['it says nothing', undefined],
  ['another project made it', { project: 'shop', uid: 'uid-1' }],
  ['its note was copied from another cluster', { project: 'todo', uid: 'uid-2' }],
])('a cluster of that name is foreign when %s', async (_, owner) => {
  const { kind, file, log, calls } = setup([node], owner)
  for (const attempt of [
    () => kind.create(spec(), file, () => {}, signal),
    () => kind.delete('todo', file, signal),
    () => kind.start('todo', file, signal),
    () => kind.kubeconfig('todo', file, signal),
  ]) {
    await expect(attempt()).rejects.toMatchObject({ code: 'CLUSTER_FOREIGN' })
  }
  expect([log, calls]).toEqual([[], []])
})

test('a cluster that was created by hand after ours was deleted by hand is foreign', async () => {
  const { kind, journal, file } = setup([node])
  const { id } = await journal.begin('cluster', 'todo')
  await journal.made(id, { ids: 'id-of-ours' })
  await expect(kind.delete('todo', file, signal)).rejects.toMatchObject({ code: 'CLUSTER_FOREIGN' })
})

test('without a record the note in the cluster proves the owner, and the record is written again', async () => {
  const { kind, journal, file, calls } = setup([node], { project: 'todo', uid: 'uid-1' })
  await kind.create(spec(), file, () => {}, signal)
  expect(calls).toEqual(['get kubeconfig --name todo'])
  expect(await journal.entries()).toMatchObject([{ state: 'made', facts: { ids: 'id-todo-control-plane' } }])
})

test('stopped containers are started with the load balancer, and a lost node is reported', async () => {
  const balancer = container('todo-external-load-balancer', {
    state: 'exited',
    labels: { 'io.x-k8s.kind.cluster': 'todo', 'io.x-k8s.kind.role': 'external-load-balancer' },
  })
  const { kind, journal, file, log } = setup([balancer, { ...node, state: 'exited' }])
  const { id } = await journal.begin('cluster', 'todo')
  const ids = `${balancer.id} ${node.id}`
  await journal.made(id, { ids, nodes: 'todo-control-plane' })
  expect(await kind.inspect('todo', signal)).toEqual({
    state: 'stopped',
    ownedBy: 'todo',
    nodes: [{ name: 'todo-control-plane', role: 'control-plane', container: 'todo-control-plane', running: false }],
  })
  await kind.start('todo', file, signal)
  expect(log).toEqual(['start id-todo-control-plane', 'start id-todo-external-load-balancer'])
  await journal.made(id, { nodes: 'todo-control-plane todo-worker' })
  await expect(kind.start('todo', file, signal)).rejects.toMatchObject({
    message: 'The cluster todo no longer has todo-worker',
  })
})

test('a delete removes the network too, unless it is in use or foreign', async () => {
  const { kind, journal, shared, networks, containers, log, file } = setup()
  await kind.create(spec(), file, () => {}, signal)
  containers.push(container('registry', { labels: {} }))
  await kind.delete('todo', file, signal)
  expect([log, [...networks], await journal.entries()]).toEqual([['remove id-todo-control-plane'], ['kind'], []])
  containers.length = 0
  await kind.delete('todo', file, signal)
  expect([log.at(-1), await shared.entries()]).toEqual(['remove network kind', []])
  networks.add('kind')
  await kind.create(spec(), file, () => {}, signal)
  await kind.delete('todo', file, signal)
  expect([...networks]).toEqual(['kind'])
})

test('delete removes the anonymous volumes of nodes, also if the nodes were removed by other means', async () => {
  const [first, second] = ['a'.repeat(64), 'b'.repeat(64)]
  const mounts = [
    { type: 'volume', source: first, target: '/var' },
    { type: 'volume', source: 'named', target: '/data' },
    { type: 'bind', source: second, target: '/lib/modules' },
  ]
  const containers: ContainerInfo[] = []
  const { kind, log, file } = setup(containers)
  await kind.create(spec(), file, () => {}, signal)
  containers[0] = container('todo-control-plane', { mounts })
  await kind.delete('todo', file, signal)
  expect(log.filter((line) => line.startsWith('remove volume'))).toEqual([`remove volume ${first}`])
})

test('delete knows the volumes of nodes that are gone', async () => {
  const volume = 'c'.repeat(64)
  const { kind, journal, log, file } = setup()
  const { id } = await journal.begin('cluster', 'todo', { provider: 'kind' })
  await journal.made(id, { ids: 'id-todo-control-plane', nodes: 'todo-control-plane', volumes: volume })
  await kind.delete('todo', file, signal)
  expect(log).toContain(`remove volume ${volume}`)
})

test('a paused node goes on before it is removed', async () => {
  const containers: ContainerInfo[] = []
  const { kind, log, file } = setup(containers)
  await kind.create(spec(), file, () => {}, signal)
  containers[0] = container('todo-control-plane', { state: 'paused' })
  await kind.delete('todo', file, signal)
  expect(log.filter((line) => line.endsWith('todo-control-plane'))).toEqual([
    'start id-todo-control-plane',
    'remove id-todo-control-plane',
  ])
})
