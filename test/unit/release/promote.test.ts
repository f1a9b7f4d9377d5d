import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { promote, promotionNote, promotionOf } from '../../../src/release/promote.ts'
import { fakeKube } from '../../fakes/kube.ts'

const steps = [{ setWeight: 20 }, { pause: {} }, { setWeight: 60 }, { pause: {} }]
const rollout = (status: object, strategy: object = { canary: { steps } }): KubeObject => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { strategy },
  status,
})

test('a canary that waits has its step and the share of the new version', () => {
  const waiting = rollout({ phase: 'Paused', currentStepIndex: 3 })
  expect(promotionOf(waiting)).toEqual({ waits: true, step: 3, steps: 4, weight: 60 })
  expect(promotionNote(waiting)).toBe('waits to be promoted (step 3 of 4, 60 %)')
})

test('blue-green has no steps; healthy Rollouts and other kinds do not wait', () => {
  expect(promotionNote(rollout({ phase: 'Paused' }, { blueGreen: {} }))).toBe('waits to be promoted')
  expect(promotionOf(rollout({ phase: 'Healthy', currentStepIndex: 4 }))).toMatchObject({ waits: false, weight: 100 })
  expect(promotionNote({ ...rollout({ phase: 'Paused' }), kind: 'Deployment' })).toBeUndefined()
})

test('another kind and an aborted Rollout are refused, and one that does not wait is not changed', async () => {
  const options = { full: false, signal: AbortSignal.timeout(5000) }
  const deployment = { ...rollout({}), kind: 'Deployment', apiVersion: 'apps/v1' }
  await expect(promote(fakeKube({ objects: [deployment] }), deployment, options)).rejects.toMatchObject({
    code: 'USAGE',
  })
  const aborted = rollout({ phase: 'Degraded', abort: true, message: 'the analysis failed' })
  await expect(promote(fakeKube({ objects: [aborted] }), aborted, options)).rejects.toMatchObject({
    code: 'COMMAND_FAILED',
    message: expect.stringContaining('the analysis failed'),
  })
  const healthy = rollout({ phase: 'Healthy' })
  expect(await promote(fakeKube({ objects: [healthy] }), healthy, options)).toBeUndefined()
})

test('a Rollout that waits is resumed and promoted, and returned as its controller has changed it', async () => {
  const waiting = rollout({ phase: 'Paused', currentStepIndex: 1, pauseConditions: [{ reason: 'CanaryPauseStep' }] })
  const paused = { ...waiting, spec: { ...(waiting.spec as object), paused: true } }
  const kube = fakeKube({ objects: [{ ...paused, metadata: { ...paused.metadata, uid: 'u' } }] })
  const ref = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', namespace: 'shop', name: 'web' }
  const existing = kube.peek(ref) as KubeObject
  const promoting = promote(kube, existing, { full: true, signal: AbortSignal.timeout(5000) })
  while (kube.writes.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  const patched = kube.peek(ref) as KubeObject
  expect(patched).toMatchObject({ spec: { paused: false }, status: { promoteFull: true } })
  expect(patched.status).not.toHaveProperty('pauseConditions')
  kube.put({ ...patched, status: { phase: 'Progressing', currentStepIndex: 4 } })
  expect(await promoting).toMatchObject({ status: { phase: 'Progressing' } })
})
