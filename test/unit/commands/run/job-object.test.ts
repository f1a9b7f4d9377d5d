import { expect, test } from 'vitest'
import { jobToRun, passingJob, verdictOf } from '../../../../src/commands/run/job-object.ts'
import type { KubeObject } from '../../../../src/kube/api.ts'
import type { Pod } from '../../../../src/kube/pod.ts'
import type { OpenProject } from '../../../../src/project/open.ts'
import { fakeKube } from '../../../fakes/kube.ts'
import { configOf } from '../../stack/support.ts'

const { signal } = new AbortController()

test('a job runs with the container of its service, also in a Rollout', async () => {
  const containers = [
    { name: 'proxy', image: 'nginx:1' },
    { name: 'php', image: 'shop/php:1', env: [{ name: 'DB', value: 'db' }] },
  ]
  const rollout: KubeObject = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { template: { metadata: {}, spec: { containers } } },
  }
  const kube = fakeKube({ objects: [rollout] })
  const target = { workload: 'Rollout/web', apiVersion: 'argoproj.io/v1alpha1', container: 'php' }
  const record = { namespace: 'shop', services: [{ name: 'php', namespace: 'shop', url: undefined, ...target }] }
  const config = configOf({ jobs: { migrate: { service: 'php', command: ['migrate'] } }, services: { php: {} } })
  const project = { record, kube } as unknown as OpenProject
  const job = await jobToRun({ project, config, name: 'migrate', objectName: 'migrate-1', args: ['--fast'] }, signal)
  expect(job.spec).toMatchObject({
    template: {
      spec: {
        containers: [{ image: 'shop/php:1', command: ['migrate', '--fast'], env: [{ name: 'DB', value: 'db' }] }],
      },
    },
  })
  expect(passingJob(job, 90_500).spec).toMatchObject({ activeDeadlineSeconds: 121, ttlSecondsAfterFinished: 600 })
})

test('the command of a service that is a Job takes no arguments', async () => {
  const project = { record: { namespace: 'shop', services: [] } } as unknown as OpenProject
  const config = configOf({ services: { report: { workload: 'CronJob/report' } } })
  const request = { project, config, name: 'report', objectName: 'report-1' }
  const codeWith = (args: readonly string[]) =>
    jobToRun({ ...request, args }, signal).catch(({ code }: { code: string }) => code)
  expect([await codeWith(['--all']), await codeWith([])]).toEqual(['USAGE', 'NOT_READY'])
})

test('the exit code is the verdict of the Job, not that of the first container', () => {
  const job = (type: string): KubeObject => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j' },
    status: { conditions: [{ type, status: 'True' }] },
  })
  const pod = (proxy: number, main: number): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    status: {
      containerStatuses: [
        { name: 'proxy', state: { terminated: { exitCode: proxy } } },
        { name: 'main', state: { terminated: { exitCode: main } } },
      ],
    },
  })
  expect(verdictOf(job('Complete'), [pod(137, 0)], 'main')).toBe(0)
  expect(verdictOf(job('Failed'), [pod(0, 3)], 'main')).toBe(3)
  expect(verdictOf(job('Failed'), [pod(143, 4)], 'main')).toBe(4)
  expect(verdictOf(job('Failed'), [], 'main')).toBe(1)
  expect(verdictOf(undefined, [pod(0, 0)], 'main')).toBe(1)
})
