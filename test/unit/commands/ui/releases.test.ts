import { expect, test } from 'vitest'
import { releasesReader } from '../../../../src/commands/ui/releases.ts'
import { DevkError } from '../../../../src/errors.ts'
import type { Kube } from '../../../../src/kube/api.ts'
import { labels } from '../../../../src/lib/keys.ts'
import { cell } from '../../../../src/logs/view.ts'
import type { OpenProject } from '../../../../src/project/open.ts'
import { fakeKube } from '../../../fakes/kube.ts'

const { signal } = new AbortController()
const template = (image: string) => ({ spec: { containers: [{ name: 'app', image }] } })
const replicaSet = (number: number) => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name: `backend-${number}`,
    namespace: 'todo',
    annotations: { 'deployment.kubernetes.io/revision': String(number) },
    ownerReferences: [{ kind: 'Deployment', name: 'backend', uid: 'd' }],
  },
  spec: { template: template(`backend:${number}`) },
})
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'backend',
    namespace: 'todo',
    uid: 'd',
    labels: { [labels.project]: 'todo', [labels.service]: 'backend' },
  },
  spec: { template: template('backend:2') },
}
const opened = (kube: Kube) => cell({ record: { name: 'todo' }, kube } as unknown as OpenProject | undefined)
const rollouts = { 'argoproj.io/v1alpha1 Rollout': true }

test('the revisions are those of devk history, newest first; two questions at once are one', async () => {
  const kube = fakeKube({ objects: [deployment, replicaSet(1), replicaSet(2)], kinds: rollouts })
  const read = releasesReader(opened(kube), signal)
  const [first, second] = await Promise.all([read(), read()])
  expect(first).toBe(second)
  expect(first).toMatchObject({
    problem: null,
    history: {
      project: 'todo',
      services: [
        {
          service: 'backend',
          workload: 'Deployment todo/backend',
          revisions: [
            { revision: 2, current: true, images: ['backend:2'] },
            { revision: 1, current: false, images: ['backend:1'] },
          ],
        },
      ],
    },
  })
  expect(kube.reads.filter((each) => each.includes('ReplicaSet'))).toHaveLength(1)
  expect(await read()).toEqual(first)
})

test('why they cannot be read is said', async () => {
  expect(await releasesReader(cell<OpenProject | undefined>(undefined), signal)()).toEqual({
    history: null,
    colours: [],
    problem: 'The cluster is away.',
  })
  expect((await releasesReader(opened(fakeKube({ kinds: rollouts })), signal)()).problem).toBe(
    'Nothing is deployed. Run devk up first.',
  )
  const list = () => Promise.reject(new DevkError('KUBE_API', 'connection refused'))
  expect((await releasesReader(opened({ list } as unknown as Kube), signal)()).problem).toBe('connection refused.')
  const silent = { list: () => new Promise(() => {}) } as unknown as Kube
  expect((await releasesReader(opened(silent), signal, 10)()).problem).toBe('The cluster does not answer.')
})

test('the Services between whose versions a switch is possible are named with what they select', async () => {
  const own = { [labels.project]: 'todo' }
  const version = (colour: string) => ({
    ...deployment,
    metadata: { ...deployment.metadata, name: colour, uid: colour },
    spec: { template: { ...template('backend:2'), metadata: { labels: { app: 'backend', color: colour } } } },
  })
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'gateway', namespace: 'todo', labels: own },
    spec: { selector: { app: 'backend', color: 'blue' } },
  }
  const kube = fakeKube({ objects: [version('blue'), version('green'), service], kinds: rollouts })
  const { colours } = await releasesReader(opened(kube), signal)()
  expect(colours).toEqual([{ service: 'gateway', label: 'color', current: 'blue', colours: ['blue', 'green'] }])
})
