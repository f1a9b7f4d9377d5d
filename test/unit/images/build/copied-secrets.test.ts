import { appendFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resolveConfig } from '../../../../src/config/resolve.ts'
import { type ConfigInput, configSchema } from '../../../../src/config/schema.ts'
import { requireNoCopiedSecrets } from '../../../../src/images/build/copied-secrets.ts'
import { failure, folder } from '../../config/support.ts'

type BuildInput = NonNullable<NonNullable<ConfigInput['services']>[string]['build']>

const secrets = { api: { fromEnvFile: 'app/.env', orElse: 'app/.env.example' } }

/** A project whose image is built from `app`, which has a .env file. */
function project(files: Record<string, string>, build: Partial<BuildInput> = {}, more: Partial<ConfigInput> = {}) {
  const root = folder({ 'app/.env': 'TOKEN=1\n', 'app/.env.example': '', 'app/src/a.js': '', ...files })
  const input = { name: 'p', secrets, services: { web: { build: { context: 'app', ...build } } }, ...more }
  const { profiles: _, ...parsed } = configSchema.parse(input)
  const config = resolveConfig(parsed, join(root, 'c.yaml'), root)
  const check = () =>
    requireNoCopiedSecrets(
      config,
      Object.values(config.services).flatMap(({ build: each }) => each ?? []),
    )
  return { root, check }
}

const dockerfile = (...lines: string[]) => ({ 'app/Dockerfile': ['FROM scratch', ...lines].join('\n') })

test('a copied env file is refused with the line that copies it and the line that helps', async () => {
  const { root, check } = project(dockerfile('COPY src /src', 'COPY . /app'))
  const { code, exitCode, details, hint } = await failure(check())
  expect([code, exitCode]).toEqual(['SECRET_COPIED', 2])
  expect(details).toEqual([
    'app/Dockerfile:3 copies app/.env into the image; secrets.api.fromEnvFile uses it as a secret',
  ])
  expect(hint).toBe('Add the line .env to app/.dockerignore.')
  writeFileSync(join(root, 'app/.dockerignore'), '.env\n')
  await check()
})

test.each([
  'COPY . .',
  'ADD ./ /app/',
  'COPY .env* /app/',
  'COPY [".", "/app"]',
  'COPY $DIR /app',
  'COPY --chown=1:1 .e?v /',
  'ONBUILD COPY . .',
])('%s takes it', async (line) => {
  expect((await failure(project(dockerfile(line)).check())).code).toBe('SECRET_COPIED')
})

test.each([
  'COPY src /src',
  'COPY --from=other . .',
  'RUN --mount=type=bind,target=. true',
  'ADD https://a/b /',
  '# COPY . .',
])('%s does not', async (line) => project(dockerfile(line)).check())

test('a file that is used only when the secret is missing may be copied', async () => {
  const more = { secrets: { api: { fromEnvFile: '.env', orElse: 'app/.env.example' } } }
  await project({ ...dockerfile('COPY .env.example /'), '.env': '' }, {}, more).check()
})

test('a stage that the target does not need copies nothing', async () => {
  const text = 'FROM scratch AS dev\nCOPY . .\nFROM scratch AS prod\nCOPY src .\n'
  await project({ 'app/Dockerfile': text }, { target: 'prod' }).check()
  expect((await failure(project({ 'app/Dockerfile': text }, { target: 'dev' }).check())).code).toBe('SECRET_COPIED')
})

test('the ignore file of the Dockerfile counts in place of that of the context, and its last pattern decides', async () => {
  const files = {
    ...dockerfile('COPY . .'),
    'app/.dockerignore': '**/.env\n',
    'app/Dockerfile.dockerignore': '.env\n!.e*\n',
  }
  const { root, check } = project(files)
  expect((await failure(check())).hint).toBe('Add the line .env to app/Dockerfile.dockerignore.')
  appendFileSync(join(root, 'app/Dockerfile.dockerignore'), '.env\n')
  await check()
})

test('files and keys of the build are secrets too, also over a link to the folder and below a named context', async () => {
  const { root, check } = project(
    { ...dockerfile('COPY src /src'), 'keys/id': '', 'app/token': '' },
    { context: 'link', contexts: { keys: 'keys' }, ssh: ['a=keys/id'], secrets: { t: { file: 'app/token' } } },
    { secrets: {} },
  )
  symlinkSync('app', join(root, 'link'))
  writeFileSync(join(root, 'app/Dockerfile'), 'FROM scratch\nCOPY . /\n')
  const { details, hint } = await failure(check())
  expect(details).toEqual([
    'The context keys copies keys/id into the image; services.web.build.ssh[0] uses it as a secret',
    'link/Dockerfile:2 copies app/token into the image; services.web.build.secrets.t.file uses it as a secret',
  ])
  expect(hint).toBe('Add the line id to keys/.dockerignore and the line token to link/.dockerignore.')
})
