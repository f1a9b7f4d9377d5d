import { readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import type { Runner } from '../../../../src/exec/runner.ts'
import { buildDependencies, unbuiltCharts } from '../../../../src/manifests/charts/dependencies.ts'
import { failed, folderWith, ok } from './support.ts'

const chart = (name: string, ...dependencies: [string, string][]) =>
  `apiVersion: v2\nname: ${name}\nversion: 0.1.0\ndependencies: ${JSON.stringify(
    dependencies.map(([name, repository]) => ({ name, version: '^1', repository })),
  )}\n`
const remote = 'https://charts.example.com'

async function unbuiltIn(files: Record<string, string>) {
  const root = await folderWith(files)
  const release = { name: 'app', chart: join(root, 'app'), values: [], set: {} }
  const found = await unbuiltCharts([release as never])
  return found.map(({ folder, missing }) => `${relative(root, folder)}: ${missing.join(', ')}`)
}

test('what is missing: neither an archive of any version nor a folder of any name', async () => {
  const app = chart('app', ['redis', remote], ['mail', remote], ['db', remote], ['db-tools', remote])
  const archives = { 'app/charts/redis-1.2.3.tgz': '', 'app/charts/db-tools-1.0.0.tgz': '' }
  expect(await unbuiltIn({ 'app/Chart.yaml': app, ...archives, 'app/charts/m/Chart.yaml': 'name: mail' })).toEqual([
    'app: db',
  ])
})

test('the dependencies of a file dependency are built first, as helm packs it as it is', async () => {
  const files = {
    'app/Chart.yaml': chart('app', ['inner', 'file://../inner']),
    'inner/Chart.yaml': chart('inner', ['redis', remote]),
  }
  expect(await unbuiltIn(files)).toEqual(['inner: redis', 'app: inner'])
})

test('charts that name each other end; old charts name dependencies in a file of their own', async () => {
  const files = {
    'app/Chart.yaml': chart('app', ['inner', 'file://../inner']),
    'inner/Chart.yaml': chart('inner', ['app', 'file://../app']),
  }
  expect(await unbuiltIn(files)).toEqual(['inner: app', 'app: inner'])
  const old = { 'app/Chart.yaml': 'name: app', 'app/requirements.yaml': `dependencies: [{name: redis}]` }
  expect(await unbuiltIn(old)).toEqual(['app: redis'])
})

test('a chart that cannot be read lacks nothing: helm says what is wrong with it', async () => {
  expect(await unbuiltIn({ 'app/Chart.yaml': ': {' })).toEqual([])
  expect(await unbuiltIn({ app: 'an archive' })).toEqual([])
})

test('with a Chart.lock, helm gets the repositories in a list of its own; that of the user stays as it is', async () => {
  const root = await folderWith({ 'app/Chart.yaml': chart('app', ['redis', remote]), 'users.yaml': 'url: other' })
  const calls: string[] = []
  let seen = ''
  const run: Runner['run'] = async (_command, args) => {
    const at = args.indexOf('--repository-config')
    calls.push(args.slice(0, at < 0 ? undefined : at).join(' '))
    if (args[0] === 'env') return ok(`${join(root, 'users.yaml')}\n`)
    if (at < 0) return failed(`Error: no repository definition for ${remote}`)
    const file = args[at + 1] ?? ''
    if (args[0] === 'repo') await writeFile(file, `${await readFile(file, 'utf8')}\nurl: ${args[3]}`)
    seen = await readFile(file, 'utf8')
    return ok()
  }
  const deps = { runner: { run } as Runner, signal: AbortSignal.timeout(5000) }
  const folder = join(root, 'app')
  await buildDependencies({ folder, missing: ['redis'] }, deps)
  const build = `dependency build ${folder}`
  expect(calls).toEqual([build, 'env HELM_REPOSITORY_CONFIG', `repo add devk-0 ${remote}`, build])
  expect(seen).toBe(`url: other\nurl: ${remote}`)
  expect(await readFile(join(root, 'users.yaml'), 'utf8')).toBe('url: other')
})

test('the words of helm reach the user, with the command', async () => {
  const run = async () => failed('Error: the lock file (Chart.lock) is out of sync')
  const deps = { runner: { run } as unknown as Runner, signal: AbortSignal.timeout(5000) }
  await expect(buildDependencies({ folder: '/p/app', missing: ['redis'] }, deps)).rejects.toMatchObject({
    code: 'CHART_MISSING',
    details: ['Error: the lock file (Chart.lock) is out of sync'],
    hint: 'Run it on its own: helm dependency build /p/app',
  })
})
