import { expect, test } from 'vitest'
import type { Job } from '../../../src/config/schema.ts'
import { jobObject } from '../../../src/stack/jobs.ts'
import { configOf, deployment } from './support.ts'

const job = (input: object): Job => configOf({ jobs: { seed: { command: ['seed'], ...input } } }).jobs.seed as Job
const input = { project: 'todo', namespace: 'n', objectName: 'todo-seed-1', service: undefined, retries: 0 }

test("a job in a service's image shares its environment, and nothing that a server needs", () => {
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

test('a job in an image of its own', () => {
  expect(jobObject('seed', job({ image: 'x' }), input).spec).toMatchObject({
    template: {
      spec: { containers: [{ name: 'seed', image: 'x', imagePullPolicy: 'IfNotPresent', command: ['seed'] }] },
    },
  })
})

test('a job without any image', () => {
  expect(() => jobObject('seed', job({}), input)).toThrow('jobs.seed has no image to run in')
})
