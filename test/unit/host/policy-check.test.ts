import { expect, test } from 'vitest'
import { policyCheck } from '../../../src/host/policy-check.ts'

test('a network that enforces policies is well', () => {
  expect(policyCheck({ state: 'enforced' }, 'kind-shop')).toEqual({
    id: 'network-policies',
    title: 'Network policies',
    level: 'ok',
    detail: 'kind-shop enforces them (tried)',
  })
})

test('one that ignores them is told with why and what to do', () => {
  expect(policyCheck({ state: 'ignored' }, 'minikube')).toMatchObject({
    level: 'warn',
    detail: expect.stringContaining('minikube ignores them'),
    why: expect.stringContaining('production'),
    fix: { by: 'hand', explain: expect.stringContaining('--cni=calico') },
  })
})

test('what could not be tried is not well either, and says why', () => {
  expect(policyCheck({ state: 'unknown', reason: 'no CoreDNS' }, 'dev')).toMatchObject({
    level: 'warn',
    detail: 'dev could not be tried: no CoreDNS',
  })
})
