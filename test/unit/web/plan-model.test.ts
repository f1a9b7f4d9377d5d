import { expect, test } from 'vitest'
import { differencesOf, planSummary, presetText } from '../../../web/plan-model.ts'
import { plan } from '../../browser/support/states.ts'

const change = (action: 'create' | 'replace' | 'delete' | 'refuse' | 'keep') => ({
  action,
  object: `Deployment todo/${action}`,
  why: null,
  fields: [],
})
const preset = { name: 'ingress', version: '3', create: 0, change: 0, delete: 0, unchanged: 9 }

test('the summary counts what would change', () => {
  expect(planSummary(plan())).toBe('0 to create, 1 to change, 0 to delete, 7 unchanged. New images for backend.')
  const changes = [change('create'), change('replace'), change('delete'), change('keep')]
  const presets = [preset, { ...preset, name: 'logging', delete: 2 }]
  expect(planSummary(plan({ changes, presets, images: [] }))).toBe(
    '1 to create, 1 to change, 1 to delete, 7 unchanged. 1 of the presets would change, too.',
  )
})

test('a plan without changes, and one that is refused, say so', () => {
  expect(planSummary(plan({ changes: [change('keep')], presets: [preset] }))).toBe('Nothing would change. 7 unchanged.')
  expect(planSummary(plan({ changes: [change('create'), change('refuse')] }))).toContain(
    'would change nothing, since 1',
  )
})

test('a preset says what would change of it', () => {
  expect(presetText(preset)).toBe('9 unchanged')
  expect(presetText({ ...preset, create: 1, change: 2, delete: 3 })).toBe('1 to create, 2 to change, 3 to delete')
})

test('what differs from production is listed by service, in their order', () => {
  const rule = (object: string) => ({ object, rule: 'scale.replicas', field: 'spec.replicas', from: '3', to: '1' })
  const [web, api, other] = ['Deployment shop/web', 'StatefulSet shop/api', 'Deployment shop/api'].map(rule)
  const part = (name: string, workload: string | null) => ({ kind: 'service', name, workload }) as const
  const parts = [part('api', 'StatefulSet/api'), part('frontend', 'Deployment/web'), part('unknown', null)]
  expect(
    differencesOf(
      [web, api, other].flatMap((each) => each ?? []),
      parts,
    ),
  ).toEqual([
    { service: 'api', rules: [api] },
    { service: 'frontend', rules: [web] },
    { service: null, rules: [other] },
  ])
})
