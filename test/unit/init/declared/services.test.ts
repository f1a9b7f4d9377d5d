import { expect, test } from 'vitest'
import { withFacts } from '../../../../src/init/declared/services.ts'
import type { Services } from '../../../../src/init/declared/subject.ts'
import { joined, type ServiceFact } from '../../../../src/readers/facts.ts'
import { repository } from '../../readers/repository.ts'

const at = (file: string, line = 1) => ({ place: { file, line } })
const build = (context: string, more: object = {}) => ({ context, dockerfile: `${context}/Dockerfile`, ...more })
const files = {
  'api/Dockerfile': 'FROM python AS base\nWORKDIR /app\nFROM base AS dev\n',
  ...{ 'api/src/a.py': '', 'api/static/a.css': '', 'web/Dockerfile': 'FROM node\nWORKDIR /web\n', 'web/src/a.js': '' },
  'shared/lib.py': '',
}
const plain: Services = {
  api: { image: 'shop-api', build: { context: 'api' } },
  web: { build: { context: 'web' }, url: 'http://localhost:8080' },
  db: { workload: 'StatefulSet/db' },
}
const apply = (facts: ServiceFact[], services: Services = plain) =>
  withFacts(services, { ...joined([]), services: facts }, repository(files))

test('a fact belongs to a service by its image, its Dockerfile or its name', () => {
  const { services, reasons } = apply([
    { ...at('skaffold.yaml', 4), image: 'gcr.io/x/shop-api:1', ports: ['80'] },
    { ...at('Tiltfile', 2), image: 'other', build: build('web', { target: 'dev' }) },
    { ...at('compose.yaml', 7), name: 'db', ports: ['5432'] },
    { ...at('compose.yaml', 9), name: 'unknown', ports: ['1'] },
  ])
  expect(services).toEqual({
    api: { image: 'shop-api', build: { context: 'api' }, ports: ['18080:80'] },
    web: { build: { context: 'web', target: 'dev' }, url: 'http://localhost:8080' },
    db: { workload: 'StatefulSet/db', ports: ['5432'] },
  })
  expect(reasons).toEqual({
    api: ['ports: skaffold.yaml:4.'],
    web: ['build: Tiltfile:2.'],
    db: ['ports: compose.yaml:7.'],
  })
})

test('the first file counts, and a contradiction is named; files that agree are not', () => {
  const { services, notes } = apply([
    { ...at('skaffold.yaml', 4), name: 'api', build: build('api') },
    { ...at('Tiltfile', 3), name: 'api', build: build('api') },
    { ...at('compose.yaml', 2), name: 'api', build: build('api', { target: 'dev' }) },
  ])
  expect(services.api?.build).toEqual({ context: 'api' })
  expect(notes).toEqual(['api: skaffold.yaml:4 and compose.yaml:2 differ in build; devk uses the first.'])
})

test('sync rules get the working folder of the image, and leave the rest to a new image', () => {
  const { services, notes } = apply([
    {
      ...at('skaffold.yaml', 4),
      image: 'shop-api',
      rebuild: ['api/setup.py'],
      sync: [
        { from: 'api', to: '.', exclude: [], only: ['api/**/*.py'] },
        { from: 'api/static', to: '/srv', exclude: ['tmp'], only: [] },
        { from: 'api/gone', to: '/gone', exclude: [], only: [] },
        { from: 'shared', to: '/shared', exclude: [], only: [] },
      ],
    },
  ])
  expect(services.api).toEqual({
    image: 'shop-api',
    build: { context: 'api' },
    sync: [
      { from: 'api/static', to: '/srv', exclude: ['tmp'] },
      { from: 'api', to: '/app' },
    ],
    rebuild: ['**', '!static/**', '!**/*.py', 'setup.py'],
  })
  expect(notes).toEqual([
    'api: api/gone, which is synced to /gone, does not exist (skaffold.yaml:4).',
    'api: shared, which is synced to /shared, is outside the build context api (skaffold.yaml:4).',
  ])
})

test('a command is taken over only together with the files that it watches', () => {
  const sync = [{ from: 'web/src', to: '/web/src', exclude: [], only: [] }]
  const { services } = apply([
    { ...at('compose.yaml', 2), name: 'api', build: build('api'), args: ['serve'] },
    { ...at('compose.yaml', 5), name: 'web', build: build('web'), args: ['npm', 'run', 'dev'], sync },
  ])
  expect([services.api?.args, services.web?.args]).toEqual([undefined, ['npm', 'run', 'dev']])
  expect(services.web?.sync).toEqual([{ from: 'web/src', to: '/web/src' }])
})

test('the order is taken over without circles, and each port of this machine is used once', () => {
  const { services } = apply([
    { ...at('compose.yaml', 2), name: 'api', dependsOn: ['Db', 'gone', 'api'], ports: ['8080:80'] },
    { ...at('compose.yaml', 3), name: 'db', dependsOn: ['api'], ports: ['8080'] },
  ])
  expect([services.api?.dependsOn, services.db?.dependsOn]).toEqual([['db'], undefined])
  expect([services.api?.ports, services.db?.ports]).toEqual([['18080:80'], ['28080:8080']])
})

const rule = { from: 'api/src', to: '/app/src', exclude: [], only: [] }

test('commands and a restart after a sync; a restart needs a command that is known', () => {
  const fact = { ...at('Tiltfile'), name: 'api', sync: [{ ...rule, run: ['make'], restart: true as const }] }
  const [known, unknown] = [apply([{ ...fact, command: ['/app/api'] }]), apply([fact])]
  const made = { from: 'api/src', to: '/app/src', run: [{ command: 'make' }], restart: true }
  expect([known.services.api?.sync, known.notes]).toEqual([[made], []])
  expect([unknown.services.api?.sync, unknown.notes]).toEqual([
    undefined,
    [
      expect.stringMatching(
        /^api: after a sync of api\/src the program is started again, and api\/Dockerfile does not tell/,
      ),
    ],
  ])
})

test('what is synced into another image than the built one counts only where the built one has these files too', () => {
  const fact = { ...at('okteto.yml'), name: 'api', developedIn: 'okteto/python', sync: [rule] }
  const around = (to: string) => ({ copies: new Map([['api', [{ from: 'api', to }]]]) })
  const told = (to: string) =>
    withFacts(plain, { ...joined([]), services: [fact] }, repository(files), around(to)).services.api?.sync
  expect([told('/app'), told('/srv')]).toEqual([[{ from: 'api/src', to: '/app/src' }], undefined])
})

test('a sync as the Dockerfile copies it does not depend on what is known about the program', () => {
  const fact = { ...at('skaffold.yaml'), name: 'api', sync: [{ ...rule, from: undefined, to: undefined }] }
  const copies = new Map([['api', [{ from: 'api', to: '/app' }]]])
  const { services } = withFacts(plain, { ...joined([]), services: [fact] }, repository(files), { copies })
  expect(services.api?.sync).toEqual([{ from: 'api', to: '/app' }])
})
