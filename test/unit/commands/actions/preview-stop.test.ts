import { expect, test } from 'vitest'
import { startPreview, stopPreview } from '../../../../src/commands/actions/preview-stop.ts'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { annotations, labels } from '../../../../src/lib/keys.ts'
import type { OpenProject } from '../../../../src/project/open.ts'
import { fakeKube } from '../../../fakes/kube.ts'

const { signal } = new AbortController()
const fieldsV1 = { 'f:metadata': { 'f:labels': {} }, 'f:spec': { 'f:replicas': {} } }
const web: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    ...{ name: 'web', namespace: 'shop', uid: 'u', labels: { [labels.project]: 'shop', [labels.service]: 'api' } },
    managedFields: [{ manager: 'devk', operation: 'Apply', fieldsV1 }],
  },
  spec: { replicas: 2 },
}
const stopped: KubeObject = {
  ...web,
  metadata: { ...web.metadata, annotations: { [annotations.stopped]: JSON.stringify(web) } },
  spec: { replicas: 0 },
}
const project = (...objects: KubeObject[]) => {
  const record = { name: 'shop', cluster: { context: 'kind-shop' } }
  const kube = fakeKube({ objects, kinds: { 'argoproj.io/v1alpha1 Rollout': true } })
  return { kube, record, kubeconfig: '/kubeconfig' } as unknown as OpenProject
}
const scale = 'kubectl --kubeconfig /kubeconfig --context kind-shop -n shop scale deployment/web'

test('stop says how many pods end, and start how many come back', async () => {
  const stop = await stopPreview(project(web), 'api', signal)
  expect(stop.effects[0]).toBe('Ends 2 pods of Deployment/web. Its claims and its Service stay.')
  expect([stop.command, stop.kubectl]).toEqual(['devk stop api', `${scale} --replicas=0`])
  const start = await startPreview(project(stopped), 'api', signal)
  expect(start.effects).toEqual(['Gives Deployment/web 2 pods again.'])
  expect([start.command, start.kubectl]).toEqual(['devk start api', `${scale} --replicas=2`])
})

test('what changes nothing says so, and what cannot be stopped is refused', async () => {
  expect((await stopPreview(project(stopped), 'api', signal)).effects[0]).toBe('Deployment/web is stopped already.')
  expect((await startPreview(project(web), 'api', signal)).effects).toEqual([
    'Nothing of it is stopped, so nothing changes.',
  ])
  await expect(stopPreview(project({ ...web, kind: 'DaemonSet' }), 'api', signal)).rejects.toThrow('on each node')
  await expect(stopPreview(project(web), 'apj', signal)).rejects.toThrow('apj has no workload')
})
