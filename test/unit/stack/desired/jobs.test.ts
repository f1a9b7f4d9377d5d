import { expect, test } from 'vitest'
import type { Job } from '../../../../src/config/schema.ts'
import { jobObject, oneOffJob } from '../../../../src/stack/desired/jobs.ts'
import { configOf, deployment, desiredOf } from '../support.ts'

const job = (input: object): Job => configOf({ jobs: { seed: { command: ['seed'], ...input } } }).jobs.seed as Job
const input = { project: 'todo', namespace: 'n', objectName: 'todo-seed-1', service: undefined, retries: 0 }

test('a job with the image of a service has its environment, and no probes or ports', () => {
  const workload = deployment('backend', 'backend:1', {
    args: ['serve'],
    env: [
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ],
    envFrom: [{ secretRef: { name: 's' } }],
    readinessProbe: { tcpSocket: { port: 1 } },
    ports: [{ containerPort: 1 }],
  })
  const object = jobObject('seed', job({ service: 'backend', env: { B: '3' } }), {
    ...input,
    service: { workload, container: 'app' },
  })
  expect(object.metadata).toEqual({
    name: 'todo-seed-1',
    namespace: 'n',
    labels: { 'devk.dev/project': 'todo', 'devk.dev/job': 'seed' },
  })
  expect(object.spec).toMatchObject({ backoffLimit: 0 })
  expect((object.spec as { template: { spec: unknown } }).template.spec).toEqual({
    restartPolicy: 'Never',
    containers: [
      {
        name: 'seed',
        image: 'backend:1',
        command: ['seed'],
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '3' },
        ],
        envFrom: [{ secretRef: { name: 's' } }],
      },
    ],
  })
})

test('a job with an image of its own', () => {
  expect(jobObject('seed', job({ image: 'x' }), input).spec).toMatchObject({
    template: {
      spec: { containers: [{ name: 'seed', image: 'x', imagePullPolicy: 'IfNotPresent', command: ['seed'] }] },
    },
  })
})

test('a job without an image is refused', () => {
  expect(() => jobObject('seed', job({}), input)).toThrow('jobs.seed has no image')
})

test('a one-off run of a CronJob has its labels and its whole pod, and no retries', () => {
  const spec = { restartPolicy: 'OnFailure', serviceAccountName: 'backup', containers: [{ name: 'b', image: 'pg' }] }
  const metadata = { labels: { app: 'backup', 'devk.dev/service': 'backup' }, annotations: { note: 'kept' } }
  const workload = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'nightly', namespace: 'erp' },
    spec: { schedule: '0 3 * * *', jobTemplate: { spec: { backoffLimit: 3, template: { metadata, spec } } } },
  }
  const own = { 'devk.dev/project': 'todo', 'devk.dev/job': 'backup' }
  expect(oneOffJob('backup', workload, { project: 'todo', objectName: 'backup-1' })).toEqual({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'backup-1', namespace: 'erp', labels: own },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { labels: { app: 'backup', ...own }, annotations: { note: 'kept' } },
        spec: { ...spec, restartPolicy: 'Never' },
      },
    },
  })
})

test('a one-off run of a Job does not have the labels of its controller', () => {
  const tied = {
    'batch.kubernetes.io/job-name': 'migrate',
    'job-name': 'migrate',
    'controller-uid': 'u',
    app: 'migrate',
  }
  const workload = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migrate', namespace: 'erp' },
    spec: { selector: {}, template: { metadata: { labels: tied }, spec: { containers: [{ name: 'm', image: 'm' }] } } },
  }
  const { spec } = oneOffJob('migrate', workload, { project: 'todo', objectName: 'migrate-1' })
  expect(spec).not.toHaveProperty('selector')
  expect(spec).toMatchObject({ template: { metadata: { labels: { app: 'migrate' } } } })
  expect(JSON.stringify(spec)).not.toMatch(/job-name|controller-uid/)
})

test('a finished Job stays, so that a later up sees that it is done', () => {
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migrate' },
    spec: { ttlSecondsAfterFinished: 30, template: { spec: { containers: [{ name: 'm', image: 'm:1' }] } } },
  }
  const cron = { ...job, kind: 'CronJob', spec: { schedule: '* * * * *', jobTemplate: { spec: job.spec } } }
  const [first, second] = desiredOf([job, cron]).objects.map(({ object }) => JSON.stringify(object))
  expect(first).not.toContain('ttlSecondsAfterFinished')
  expect(second).toContain('ttlSecondsAfterFinished')
})
