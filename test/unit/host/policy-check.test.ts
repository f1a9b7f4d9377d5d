import { expect, test } from 'vitest'
import { policyCheck } from '../../../src/host/policy-check.ts'

test('a network that enforces policies is fine', () => {
  expect(policyCheck({ state: 'enforced' }, 'kind-shop')).toEqual({
    id: 'network-policies',
    title: 'Network policies',
    level: 'ok',
    detail: 'kind-shop enforces them (tested)',
  })
})

test('a network that ignores policies is reported with the reason and a fix', () => {
  expect(policyCheck({ state: 'ignored' }, 'minikube')).toMatchObject({
    level: 'warn',
    detail: expect.stringContaining('minikube ignores them'),
    why: expect.stringContaining('production'),
    fix: { by: 'hand', explain: expect.stringContaining('--cni=calico') },
  })
})

test('a check that could not run is reported with the reason', () => {
  expect(policyCheck({ state: 'unknown', reason: 'no CoreDNS' }, 'dev')).toMatchObject({
    level: 'warn',
    detail: 'dev could not be tested: no CoreDNS',
  })
})
