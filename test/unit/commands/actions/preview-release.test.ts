import { expect, test } from 'vitest'
import { promotePreview, switchPreview } from '../../../../src/commands/actions/preview-release.ts'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { labels } from '../../../../src/lib/keys.ts'
import type { OpenProject } from '../../../../src/project/open.ts'
import { fakeKube } from '../../../fakes/kube.ts'

const { signal } = new AbortController()
const rollouts = { 'argoproj.io/v1alpha1 Rollout': true }
const own = { [labels.project]: 'shop', [labels.service]: 'api' }
const template = (colour: string) => ({
  metadata: { labels: { app: 'api', color: colour } },
  spec: { containers: [{ name: 'app', image: 'api:1' }] },
})
const metadata = (name: string) => ({ name, namespace: 'shop', uid: name, labels: own })
const workload = (colour: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: metadata(`api-${colour}`),
  spec: { template: template(colour) },
})
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata('gateway'),
  spec: { selector: { app: 'api', color: 'blue' } },
}
const rollout = (phase: string, currentStepIndex = 1) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  metadata: metadata('api'),
  spec: {
    template: template('blue'),
    strategy: { canary: { steps: [{ setWeight: 20 }, { pause: {} }, { pause: {} }] } },
  },
  status: { phase, currentStepIndex },
})
const project = (...objects: KubeObject[]) => {
  const kube = fakeKube({ objects, kinds: rollouts })
  const record = { name: 'shop', cluster: { context: 'kind-shop' } }
  return { kube, record, kubeconfig: '/kubeconfig' } as unknown as OpenProject
}
const kubectl = 'kubectl --kubeconfig /kubeconfig --context kind-shop -n shop'

test('a switch names the workloads, both colours, and the command of kubectl', async () => {
  const open = project(workload('blue'), workload('green'), service)
  const request = { action: 'switch', name: 'gateway', to: 'green' } as const
  const { effects, ...commands } = await switchPreview(open, request, signal)
  expect(effects.slice(0, 2)).toEqual([
    'Waits until the pods of Deployment/api-green are ready and answer. If they do not, nothing changes.',
    'Service/gateway selects color: green in place of blue.',
  ])
  expect(commands).toEqual({
    command: 'devk switch gateway green',
    kubectl: `${kubectl} patch service gateway --patch '{"spec":{"selector":{"color":"green"}}}'`,
  })
  await expect(switchPreview(open, { ...request, to: 'red' }, signal)).rejects.toThrow('No workload of gateway has')
})

test('a promotion says how far the Rollout is, and where it goes', async () => {
  const next = await promotePreview(project(rollout('Paused')), 'api', signal)
  expect(next).toEqual({
    effects: ['Rollout/api waits to be promoted (step 1 of 3, 20 %).', 'It goes on to its next pause.'],
    command: 'devk promote api',
    kubectl: `${kubectl} argo rollouts promote api`,
  })
  const [, last] = (await promotePreview(project(rollout('Paused', 2)), 'api', signal)).effects
  expect(last).toBe('The new version gets all requests, and the old pods end.')
  const healthy = promotePreview(project(rollout('Healthy')), 'api', signal)
  await expect(healthy).rejects.toThrow('Rollout/api does not wait for a promotion')
})
