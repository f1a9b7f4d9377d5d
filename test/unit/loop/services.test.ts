import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { configSchema, type LoadedConfig } from '../../../src/config/schema.ts'
import { decide } from '../../../src/loop/decide.ts'
import { watchScope } from '../../../src/loop/scope.ts'
import { redeployInputs, watchedServices } from '../../../src/loop/services.ts'

function config(input: object): LoadedConfig {
  const { profiles: _, ...rest } = configSchema.parse({ name: 'todo', ...input })
  return { ...rest, file: '/p/platform.config.ts', root: '/p', overlay: undefined }
}

test('lists the services that are built here, with compiled rules', async () => {
  const services = await watchedServices(
    config({
      services: {
        backend: {
          build: { context: '/p/backend' },
          sync: [{ from: '/p/backend/app', to: '/app', exclude: ['**/*.pyc'] }],
          trigger: 'manual',
        },
        cache: { image: 'redis' },
      },
    }),
  )
  expect(services.map(({ name, dockerfile, manual }) => [name, dockerfile, manual])).toEqual([
    ['backend', '/p/backend/Dockerfile', true],
  ])
  const [rule] = services[0]?.sync ?? []
  expect([rule?.exclude.ignores('x/a.pyc'), rule?.exclude.ignores('x/a.py')]).toEqual([true, false])
})

test('the objects are made from manifests, the configuration with its imports, and .env files', async () => {
  const { roots, reads } = await redeployInputs(
    config({
      deploy: { manifests: ['/p/one.yaml'] },
      secrets: { keys: { fromEnvFile: '/p/.env', orElse: '/p/.env.example' } },
    }),
    ['/p/ports.ts'],
  )
  expect(roots).toEqual(['/p/one.yaml', '/p/platform.config.ts', '/p/ports.ts', '/p/.env', '/p/.env.example'])
  expect(['/p/.env', '/p/.envrc', '/p/one.yaml', '/p/two.yaml'].map(reads)).toEqual([true, false, true, false])
})

test('charts that are fetched are made from the lock, not from files of their name', async () => {
  const chart = { chart: 'oci://example.com/redis', name: 'a', values: ['/p/v.yaml'] }
  const { roots } = await redeployInputs(config({ deploy: { helm: [chart] } }), [])
  expect(roots).toEqual(['/p/platform.config.ts', '/p/devk.lock', '/p/v.yaml'])
})

test('a rule for a folder that .dockerignore leaves out is for files that no image has', async () => {
  const context = mkdtempSync(join(tmpdir(), 'devk-unbuilt-'))
  writeFileSync(join(context, '.dockerignore'), 'dist\nout/*\n**/*.log\nwhite\n!white/*.go\n')
  const sync = ['dist/app', 'out', 'src', '.', 'white'].map((from) => ({ from: join(context, from), to: '/app' }))
  const [service] = await watchedServices(config({ services: { web: { build: { context }, sync } } }))
  expect(service?.sync.map(({ unbuilt }) => unbuilt)).toEqual([true, true, false, false, false])
  rmSync(context, { recursive: true })
})

test('a line is for the shell of the container, and a list is a program with its arguments', async () => {
  const run = [{ command: 'npm ci && npm run migrate', when: ['package-lock.json'] }, { command: ['touch', '/tmp/x'] }]
  const [service] = await watchedServices(
    config({
      services: {
        web: {
          build: { context: '/p/web' },
          sync: [
            { from: '/p/web/a', to: '/a', run },
            { from: '/p/web/b', to: '/b', run: [{ command: ['true'], timeout: '90s' }] },
          ],
        },
      },
    }),
  )
  const commands = service?.sync.flatMap((rule) => rule.run ?? [])
  expect(commands?.map(({ command }) => command)).toEqual([
    {
      argv: ['sh', '-c', 'npm ci && npm run migrate'],
      text: 'npm ci && npm run migrate',
      place: 1,
      timeoutMs: 600_000,
    },
    { argv: ['touch', '/tmp/x'], text: 'touch /tmp/x', place: 2, timeoutMs: 600_000 },
    { argv: ['true'], text: 'true', place: 3, timeoutMs: 90_000 },
  ])
  expect(commands?.map(({ when }) => when?.ignores('package-lock.json'))).toEqual([true, undefined, undefined])
})

test('a restart follows all commands of the service, whichever rule asks for it', async () => {
  const [service] = await watchedServices(
    config({
      services: {
        web: {
          build: { context: '/p/web' },
          sync: [
            { from: '/p/web/a', to: '/a', restart: true },
            { from: '/p/web/b', to: '/b', run: [{ command: ['true'] }] },
            { from: '/p/web/c', to: '/c', restart: true },
          ],
        },
      },
    }),
  )
  const commands = service?.sync.map(({ run = [] }) => run.map(({ command: { text, place } }) => `${text} ${place}`))
  expect(commands).toEqual([['restart 2'], ['true 1'], ['restart 2']])
})

test('a service whose image a command makes is watched without a Dockerfile', async () => {
  const context = mkdtempSync(join(tmpdir(), 'devk-outside-'))
  onTestFinished(() => rmSync(context, { recursive: true }))
  writeFileSync(join(context, '.gitignore'), '/bin\n')
  const service = { build: { context, command: ['make', 'image'] } }
  const services = await watchedServices(config({ services: { api: service } }))
  const sources = { services, redeploy: await redeployInputs(config({}), []) }
  const act = (name: string) =>
    decide([{ path: join(context, name), kind: 'changed' }], sources).services.map(({ action }) => action)
  expect(['main.go', 'bin/api', 'target/a.jar', 'Dockerfile', '.gitignore'].map(act)).toEqual([
    ['rebuild'],
    [],
    [],
    ['rebuild'],
    ['rebuild'],
  ])
  const { ignored, roots } = watchScope(sources)
  expect(roots).toContain(context)
  expect(['main.go', 'bin/api'].map((name) => ignored(join(context, name), false))).toEqual([false, true])
})
