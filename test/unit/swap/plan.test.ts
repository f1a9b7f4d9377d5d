import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import type { Plan } from '../../../src/stack/plan.ts'
import { planBack, planSwap, swappedBy } from '../../../src/swap/plan.ts'
import { service } from './support.ts'

const ports = [{ name: 'http', nodePort: 20_001 }]
const swap = { session: 's1', project: 'todo', ports, nodeName: undefined }

/** The objects that a plan applies, in their order. */
const applied = ({ actions }: Plan): KubeObject[] =>
  actions.map((action) => (action.do === 'update' ? action.wanted.object : expect.unreachable()))

/** The Service as the API server has it after a swap: selectors are replaced as a whole. */
const swapped = (session = 's1', from = service()): KubeObject => {
  const [, now] = applied(planSwap(from, { ...swap, session }))
  return {
    ...from,
    ...now,
    metadata: { ...from.metadata, ...now?.metadata },
    spec: { ...(from.spec as object), ...(now?.spec as object) },
  }
}

test('the endpoints of this machine come first, and then a selector that no pod has', () => {
  const [slice, object] = applied(planSwap(service(), swap))
  expect(slice).toMatchObject({
    kind: 'EndpointSlice',
    metadata: {
      name: 'api-devk-swap',
      namespace: 'shop',
      labels: {
        'kubernetes.io/service-name': 'api',
        'devk.dev/project': 'todo',
        'devk.dev/swap': 's1',
        'devk.dev/hash': 'swapped',
      },
      ownerReferences: [{ kind: 'Service', name: 'api', uid: 'u1' }],
    },
    endpoints: [{ addresses: ['198.18.68.75'] }],
    ports: [{ name: 'http', protocol: 'TCP', port: 20_001 }],
  })
  expect(object?.spec).toEqual({
    selector: { app: 'api', 'devk.dev/swap': 's1' },
    ports: [{ name: 'http', port: 80, targetPort: 8080 }],
  })
  expect(object?.metadata).toMatchObject({ uid: 'u1', labels: { 'devk.dev/hash': 'swapped' } })
})

test('the way back is the Service as devk had applied it, with nothing of the cluster', () => {
  const [back] = applied(planBack(swapped(), 's1'))
  expect(back).toEqual({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'api',
      namespace: 'shop',
      uid: 'u1',
      labels: { 'devk.dev/project': 'todo', 'devk.dev/hash': 'h1' },
    },
    spec: { selector: { app: 'api' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  })
})

test('on the only node, the endpoint belongs to it, so that the traffic policy Local finds it', () => {
  const endpoints = (nodeName?: string) => applied(planSwap(service(), { ...swap, nodeName }))[0]?.endpoints
  expect(endpoints('n1')).toEqual([{ addresses: ['198.18.68.75'], conditions: { ready: true }, nodeName: 'n1' }])
  expect(endpoints()).toEqual([{ addresses: ['198.18.68.75'], conditions: { ready: true } }])
})

test('a session leads back only what it has swapped itself', () => {
  expect(swappedBy(swapped())).toBe('s1')
  expect(planBack(swapped('s2'), 's1').actions).toEqual([])
  expect(planBack(service(), 's1').actions).toEqual([])
})

test('a swap of a Service that another one has left keeps what was there before both', () => {
  const twice = swapped('s2', swapped('s1'))
  expect(swappedBy(twice)).toBe('s2')
  expect(applied(planBack(twice, 's2'))[0]?.spec).toMatchObject({ selector: { app: 'api' } })
})

test.each(['no JSON', '{}', '{"session":1}', '{"session":"s1","before":{"kind":"Service","metadata":{"name":"web"}}}'])(
  'a note that devk did not write counts as none: %s',
  (text) => {
    const odd = service({}, { annotations: { 'devk.dev/swap': text } })
    expect(swappedBy(odd)).toBeUndefined()
    expect(planBack(odd, 's1').actions).toEqual([])
  },
)

test('a Service that devk did not apply stays as it is', () => {
  expect(() => planSwap(service({}, { managedFields: [] }), swap)).toThrow(/was not deployed by devk/)
})
