import { expect, test } from 'vitest'
import { hookOf } from '../../../../src/manifests/helm/hooks.ts'

const job = (annotations: Record<string, string> | undefined) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'migrate', ...(annotations && { annotations }) },
})

test('an object without the annotation is no hook', () => {
  expect(hookOf(job(undefined))).toBeUndefined()
  expect(hookOf(job({ 'helm.sh/hook-weight': '5' }))).toBeUndefined()
  expect(hookOf(job({ 'helm.sh/hook': '' }))).toBeUndefined()
})

test.each([
  ['5', 5],
  ['-10', -10],
  ['soon', 0],
])('weight %s is %i', (written, weight) => {
  expect(hookOf(job({ 'helm.sh/hook': 'pre-install', 'helm.sh/hook-weight': written }))?.weight).toBe(weight)
})

test('the old object of a hook is deleted first unless the chart has another policy', () => {
  const deletion = (policy?: string) =>
    hookOf(job({ 'helm.sh/hook': 'post-install', ...(policy && { 'helm.sh/hook-delete-policy': policy }) }))?.deletion
  expect(deletion()).toEqual(['before-hook-creation'])
  expect(deletion('hook-succeeded, hook-failed')).toEqual(['hook-succeeded', 'hook-failed'])
})

test('moments of other commands are left out', () => {
  expect(hookOf(job({ 'helm.sh/hook': 'pre-upgrade, post-delete' }))?.events).toEqual(['pre-upgrade'])
  expect(hookOf(job({ 'helm.sh/hook': 'pre-delete, test' }))?.events).toEqual([])
})
