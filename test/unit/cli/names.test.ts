import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { recordedNames } from '../../../src/cli/names.ts'
import { statePaths } from '../../../src/state/paths.ts'
import { type ProjectRecord, writeProject } from '../../../src/state/projects.ts'

async function setUp(project: string | undefined) {
  const folder = await mkdtemp(join(tmpdir(), 'devk-names-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const paths = statePaths({ HOME: folder })
  const service = (name: string, workload: string) => ({ name, workload, namespace: 'default', url: undefined })
  await writeProject(paths, {
    ...{ name: 'shop', root: folder, configFile: join(folder, 'c.yaml'), profile: undefined, namespace: 'default' },
    cluster: { provider: 'kind', name: 'shop', context: 'kind-shop', uid: undefined },
    services: [service('web', 'Deployment/web'), service('report', 'CronJob/report')],
    externals: [],
    jobs: [
      { name: 'seed', service: undefined, local: true },
      { name: 'migrate', service: 'web' },
    ],
    presets: [],
    forwards: [],
  } satisfies ProjectRecord)
  return recordedNames({ paths, packageRoot: folder, cwd: folder, project })
}

test('completion knows the jobs of the last up, and the services that are Jobs', async () => {
  const names = await setUp(undefined)
  expect(await names('job')).toEqual(['seed', 'migrate', 'report'])
  expect(await names('service')).toEqual(['web', 'report'])
})

test('without a project there are no names', async () => {
  expect(await (await setUp('other'))('job')).toEqual([])
})
