import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { checkUpdates } from '../../../src/stack/check-updates.ts'
import { compare } from '../../../src/stack/compare.ts'
import type { StackEvent } from '../../../src/stack/events.ts'
import { validate } from '../../../src/stack/validate.ts'
import { never, refusal, up } from './deploy-support.ts'
import { asApplied, desiredOf, stackKube } from './support.ts'

const service = (name: string, spec: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { type: 'NodePort', ...spec },
})
const web = service('web', { ports: [{ port: 80, nodePort: 30090 }] })
const causes = [
  { field: 'spec.ports[0].nodePort', message: 'Invalid value: 30090: provided port is already allocated' },
]
const taken = () => refusal(422, { reason: 'Invalid', details: { causes } })

test('a node port that no Service has is waited for, and told', async () => {
  let refusals = 3
  const kube = stackKube({
    onApply(object) {
      refusals -= object.kind === 'Service' ? 1 : 0
      if (object.kind === 'Service' && refusals > 0) throw taken()
      return undefined
    },
  })
  const events: StackEvent[] = []
  await up(kube, [web], {}, 5000, events)
  expect(kube.writes).toContain('apply Service default/web')
  expect(events.filter(({ type }) => type === 'waiting')).toEqual([
    expect.objectContaining({
      name: 'Service default/web',
      reason: expect.stringContaining('keeps node port 30090, which no Service has'),
    }),
  ])
})

test('one that the API server does not free in time is no mistake of the manifests', async () => {
  const kube = stackKube({
    onApply(object) {
      if (object.kind === 'Service') throw taken()
      return undefined
    },
  })
  await expect(up(kube, [web], {}, 300)).rejects.toMatchObject({
    code: 'NOT_READY',
    message: expect.stringContaining('node port 30090'),
    hint: expect.stringContaining('run the command again'),
  })
  expect(kube.writes).not.toContain('apply Service default/web')
})

test.each([
  ['a node port', { ports: [{ port: 1, nodePort: 30090, protocol: 'UDP' }] }, 'Service other/holder has it'],
  ['a port for health checks', { healthCheckNodePort: 30090 }, 'Service other/holder has it'],
])('another Service that has it as %s is named', async (_, spec, line) => {
  const holder = { ...service('holder', spec), metadata: { name: 'holder', namespace: 'other' } }
  const kube = stackKube({
    objects: [holder],
    onApply(object) {
      if (object.metadata.name === 'web') throw taken()
      return undefined
    },
  })
  await expect(up(kube, [web])).rejects.toMatchObject({
    code: 'MANIFEST_INVALID',
    details: [expect.stringContaining(line)],
  })
})

test('a node port that is allocated does not make devk replace the Service', async () => {
  const kube = stackKube({
    onApply({ spec }) {
      const { ports } = spec as { ports: { nodePort?: number }[] }
      if (ports[0]?.nodePort === 30090) throw taken()
      return undefined
    },
  })
  const before = desiredOf([service('web', { ports: [{ port: 80, nodePort: 30001 }] })]).objects
  const observed = { ours: before.map((entry) => asApplied(entry)), others: new Map() }
  const plan = compare(desiredOf([web]).objects, observed, { pruneData: false })
  const { actions } = await checkUpdates(plan, observed, { kube, signal: never })
  expect(actions.map((action) => action.do)).toEqual(['update'])
})

test('a Service that is replaced keeps its node port', async () => {
  const [wanted] = desiredOf([web]).objects
  if (wanted === undefined) throw new Error('no Service')
  const kube = stackKube({
    objects: [{ ...wanted.object, metadata: { ...wanted.object.metadata, uid: 'u' } }],
    onApply({ metadata, spec }) {
      const { ports } = spec as { ports: { nodePort?: number }[] }
      if (metadata.name !== 'web' && ports[0]?.nodePort === 30090) throw taken()
      return undefined
    },
  })
  const observed = { ours: [asApplied(wanted)], others: new Map() }
  const action = { do: 'replace', wanted, uid: 'u', why: 'a field cannot change' } as const
  await validate([action], observed, { kube, signal: never })
  expect(kube.writes).toEqual(['dry-run Service default/web-devk-check'])
})
