import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { type ConfigInput, configSchema } from '../../../src/config/schema.ts'
import { decide } from '../../../src/loop/decide.ts'
import { watchScope } from '../../../src/loop/scope.ts'
import { watchedServices } from '../../../src/loop/services.ts'

type Service = NonNullable<ConfigInput['services']>[string]
type Local = NonNullable<NonNullable<Service['build']>['local']>

/** The sources of one service, `api`, that is compiled here. */
async function sourcesOf(local: Partial<Local>, more: Partial<Service> = {}, ignored = '') {
  const root = mkdtempSync(join(tmpdir(), 'decide-local-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, 'api'))
  writeFileSync(join(root, 'api/.dockerignore'), ignored)
  const given = { command: ['go', 'build'], outputs: [{ from: 'api/bin', to: '/app' }], ...local }
  const config = configSchema.parse({
    name: 'p',
    services: { api: { ...more, build: { context: 'api', local: given } } },
  })
  const services = await watchedServices(resolveConfig(config, join(root, 'c.yaml'), root))
  const sources = { services, redeploy: { roots: [], reads: () => false, mayReadBelow: () => false } }
  const decided = (...paths: readonly string[]) => {
    const changes = paths.map((path) => ({ path: join(root, path), kind: 'changed' as const }))
    return decide(changes, sources).services.map((action) => ({
      does: action.action,
      files: action.files.map(({ to }) => to),
      compile: action.action === 'sync' ? action.compile?.map(({ text }) => text) : undefined,
    }))
  }
  const scope = watchScope(sources)
  const watches = (path: string, directory = false) => !scope.ignored(join(root, path), directory)
  return { decided, watches }
}
const compiled = { does: 'sync', files: [], compile: ['restart'] }

test('a save of the source is compiled, and what comes out means nothing', async () => {
  const { decided, watches } = await sourcesOf({})
  expect(decided('api/main.go', 'api/bin/server')).toEqual([compiled])
  expect(decided('api/bin/server')).toEqual([])
  expect([watches('api/main.go'), watches('api/bin', true), watches('api/bin/server')]).toEqual([true, false, false])
})

test('what makes a new image still does', async () => {
  const { decided } = await sourcesOf({}, { rebuild: ['assets'] })
  for (const path of ['api/Dockerfile', 'api/.dockerignore', 'api/assets/logo.png']) {
    expect(decided('api/main.go', path)).toMatchObject([{ does: 'rebuild' }])
  }
})

test('what a sync rule covers is not compiled, unless `watch` names it', async () => {
  const sync = [{ from: 'api/pages', to: '/pages', run: [{ command: ['reload'] }] }]
  const { decided } = await sourcesOf({}, { sync })
  expect(decided('api/pages/a.html')).toEqual([{ does: 'sync', files: ['/pages/a.html'], compile: undefined }])
  expect(decided('api/pages/a.html', 'api/main.go')).toEqual([{ ...compiled, files: ['/pages/a.html'] }])
  const named = await sourcesOf({ watch: ['**/*.go', 'pages'] }, { sync })
  expect(named.decided('api/pages/a.html')).toEqual([{ ...compiled, files: ['/pages/a.html'] }])
  expect(named.decided('api/README.md')).toMatchObject([{ does: 'rebuild' }])
})

test('`watch` also names files that the image leaves out, and a pattern with ! takes some away', async () => {
  const { decided, watches } = await sourcesOf({ watch: ['src', '!src/**/*_test.go'] }, {}, '*\n!bin\n')
  expect(decided('api/src/a/main.go')).toEqual([compiled])
  expect(decided('api/src/a/main_test.go', 'api/notes.txt')).toEqual([])
  expect([watches('api/src', true), watches('api/src/a', true), watches('api/src/a/main.go')]).toEqual([
    true,
    true,
    true,
  ])
  expect([watches('api/other', true), watches('api/src/main_test.go')]).toEqual([false, false])
})

test('without `restart`, nothing starts again', async () => {
  const { decided } = await sourcesOf({ restart: false })
  expect(decided('api/main.go')).toEqual([{ ...compiled, compile: [] }])
})

test('the restart comes behind all commands of sync rules, and once', async () => {
  const rule = { from: 'api/pages', to: '/pages', restart: true, run: [{ command: ['a'] }, { command: ['b'] }] }
  const config = configSchema.parse({
    name: 'p',
    services: {
      api: {
        sync: [rule],
        build: { context: 'api', local: { command: ['go'], outputs: [{ from: 'bin', to: '/b' }] } },
      },
    },
  })
  const [service] = await watchedServices(resolveConfig(config, '/none/c.yaml', '/none'))
  const ofRule = service?.sync[0]?.run?.map(({ command }) => command.place)
  expect([ofRule, service?.local?.run.map(({ place }) => place)]).toEqual([[1, 2, 3], [3]])
})
