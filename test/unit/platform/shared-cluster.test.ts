import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { guestsOf, isHosted } from '../../../src/platform/shared-cluster.ts'
import { type StatePaths, statePaths } from '../../../src/state/paths.ts'
import { type ProjectRecord, removeProject, writeProject } from '../../../src/state/projects.ts'

let folder: string
let paths: StatePaths

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-guest-'))
  paths = statePaths({ XDG_STATE_HOME: folder })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const record = (name: string, cluster: Partial<ProjectRecord['cluster']>): ProjectRecord => ({
  name,
  root: '/shop',
  configFile: '/shop/platform.config.ts',
  profile: undefined,
  cluster: { provider: 'kind', name: 'shop', context: 'kind-shop', uid: 'one', ...cluster },
  namespace: name,
  services: [],
  externals: [],
  presets: [],
  forwards: [],
})
const staging = record('shop-staging', { provider: 'existing', project: 'shop' })

test('the guests of a project are the projects in its cluster', async () => {
  for (const each of [record('shop', {}), staging, record('other', {})]) await writeProject(paths, each)
  expect((await guestsOf(paths, 'shop')).map(({ name }) => name)).toEqual(['shop-staging'])
  expect(await guestsOf(paths, 'other')).toEqual([])
})

test('a guest is hosted as long as its host still has the same cluster', async () => {
  await writeProject(paths, record('shop', {}))
  expect(await isHosted(paths, staging)).toBe(true)
  await writeProject(paths, record('shop', { uid: 'two' }))
  expect(await isHosted(paths, staging)).toBe(false)
  await removeProject(paths, 'shop')
  expect(await isHosted(paths, staging)).toBe(false)
})
