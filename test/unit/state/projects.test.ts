import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { statePaths } from '../../../src/state/paths.ts'
import {
  findProject,
  listProjects,
  namedProject,
  type ProjectRecord,
  readProject,
  removeProject,
  writeProject,
} from '../../../src/state/projects.ts'
import { folder } from './support.ts'

function setup() {
  const home = folder()
  const paths = statePaths({ HOME: home })
  const record = (name: string, root: string): ProjectRecord => {
    const absolute = join(home, root)
    mkdirSync(absolute, { recursive: true })
    const configFile = join(absolute, 'platform.config.ts')
    writeFileSync(configFile, 'broken (')
    return {
      name,
      root: absolute,
      configFile,
      profile: undefined,
      cluster: { provider: 'kind', name, context: `kind-${name}`, uid: undefined },
      namespace: 'default',
      services: [],
      externals: [],
      presets: [],
      forwards: [],
    }
  }
  return { home, paths, record }
}

test('the innermost project is found from any subfolder, even with a broken configuration', async () => {
  const { home, paths, record } = setup()
  await writeProject(paths, record('outer', 'work'))
  await writeProject(paths, record('inner', 'work/deep'))
  expect((await findProject(paths, join(home, 'work/deep/er')))?.name).toBe('inner')
  expect((await findProject(paths, join(home, 'work/other')))?.name).toBe('outer')
  expect(await findProject(paths, join(home, 'workshop'))).toBeUndefined()
})

test('of several projects in a folder the last one that was up is found', async () => {
  const { home, paths, record } = setup()
  const up = (name: string): ProjectRecord => {
    const made = record(name, 'work')
    return { ...made, cluster: { ...made.cluster, uid: `uid-${name}` } }
  }
  const write = async (each: ProjectRecord, minute: number) => {
    await writeProject(paths, each)
    utimesSync(paths.project(each.name).record, minute * 60, minute * 60)
  }
  await write(up('a-staging'), 1)
  await write(up('b-production'), 2)
  await write(record('a-refused', 'work'), 3)
  expect((await findProject(paths, join(home, 'work')))?.name).toBe('b-production')
  await write(up('a-staging'), 4)
  expect((await findProject(paths, join(home, 'work')))?.name).toBe('a-staging')
  await write({ ...up('a-staging'), isDown: true }, 5)
  expect((await findProject(paths, join(home, 'work')))?.name).toBe('b-production')
})

test('a project is found by name, and an unknown one is reported with the nearest name', async () => {
  const { paths, record } = setup()
  await writeProject(paths, record('todo', 'a'))
  expect((await namedProject(paths, 'todo')).name).toBe('todo')
  await expect(namedProject(paths, 'tod')).rejects.toMatchObject({ code: 'USAGE', hint: 'Did you mean "todo"?' })
})

test('a second folder with the name of a project is refused, unless the first no longer exists', async () => {
  const { home, paths, record } = setup()
  const first = record('todo', 'a')
  await writeProject(paths, first)
  await writeProject(paths, first)
  await expect(writeProject(paths, record('todo', 'b'))).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    details: [expect.stringContaining(join(home, 'a')), expect.stringContaining(join(home, 'b'))],
  })
  await writeProject(paths, { ...first, configFile: join(home, 'gone') })
  await writeProject(paths, record('todo', 'b'))
  expect((await readProject(paths, 'todo'))?.root).toBe(join(home, 'b'))
})

test('a damaged record is ignored, and a removal can be repeated', async () => {
  const { paths, record } = setup()
  await writeProject(paths, record('todo', 'a'))
  writeFileSync(paths.project('todo').record, '{"name":"todo"')
  writeFileSync(join(paths.projects, 'a-file'), '')
  expect(await listProjects(paths)).toEqual([])
  await removeProject(paths, 'todo')
  await removeProject(paths, 'todo')
  await removeProject(paths, '..')
  expect(await findProject(paths, '/')).toBeUndefined()
})

test('XDG variables are used when they are absolute', () => {
  const given = statePaths({ HOME: '/h', XDG_STATE_HOME: '/s', XDG_CACHE_HOME: 'relative' })
  expect([given.project('a').kubeconfig, given.bin]).toEqual(['/s/devk/projects/a/kubeconfig', '/h/.cache/devk/bin'])
})
