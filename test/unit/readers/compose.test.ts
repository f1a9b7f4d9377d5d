import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCompose } from '../../../src/readers/compose/compose.ts'
import { secondsIn } from '../../../src/readers/compose/health.ts'
import { interpolated } from '../../../src/readers/compose/interpolate.ts'
import { portsIn } from '../../../src/readers/compose/ports.ts'
import { composeProjects } from '../../../src/readers/compose/project.ts'
import { composeService } from '../../../src/readers/compose/service.ts'
import { words } from '../../../src/readers/words.ts'
import { repository } from './repository.ts'

const read = (files: Record<string, string>) => readCompose(repository(files))
const services = (files: Record<string, string>) =>
  composeProjects(repository(files)).projects.flatMap((project) =>
    project.services.map((service) => composeService(service, project)),
  )

test('a service says how it is developed: build, mounts, command, ports and order', () => {
  const { services, open } = read({
    'compose.yaml': `services:
  api:
    build: { context: ./api, target: dev, args: [MODE=dev] }
    command: npm run dev -- --port "80 80"
    volumes:
      - ./api/src:/app/src:ro
      - type: bind
        source: ./api/views
        target: /app/views
      - /app/src/node_modules
      - data:/data
    ports: ["127.0.0.1:8080:80", "9229"]
    depends_on: { db: { condition: service_healthy } }
  db: { image: postgres:17 }
`,
  })
  expect(open).toEqual([])
  expect(services).toEqual([
    {
      place: { file: 'compose.yaml', line: 2 },
      name: 'api',
      build: { context: 'api', dockerfile: 'api/Dockerfile', target: 'dev', args: { MODE: 'dev' } },
      sync: [
        { from: 'api/src', to: '/app/src', exclude: ['node_modules'], only: [] },
        { from: 'api/views', to: '/app/views', exclude: [], only: [] },
      ],
      args: ['npm', 'run', 'dev', '--', '--port', '80 80'],
      ports: ['8080:80'],
      dependsOn: ['db'],
    },
    { place: { file: 'compose.yaml', line: 14 }, name: 'db', image: 'postgres:17' },
  ])
})

test('develop.watch comes before bind mounts', () => {
  const [service] = read({
    'compose.yaml': `services:
  web:
    build: .
    volumes: [.:/app]
    develop:
      watch:
        - { action: sync, path: ./src, target: /app/src, ignore: [node_modules/] }
        - { action: rebuild, path: package.json }
        - { action: sync+restart, path: ./conf, target: /conf }
        - { action: sync+exec, path: ./po, target: /po, exec: { command: make po } }
        - { action: restart, path: .env }
`,
  }).services
  const all = { exclude: [], only: [] }
  expect(service?.sync).toEqual([
    { from: 'src', to: '/app/src', exclude: ['node_modules/'], only: [] },
    { from: 'conf', to: '/conf', ...all, restart: true },
    { from: 'po', to: '/po', ...all, run: ['make po'] },
  ])
  expect(service?.rebuild).toEqual(['package.json', '.env'])
})

test('overrides, extends and include are merged as docker compose does', () => {
  const [api, tool] = services({
    'docker-compose.yml': `include: [more/compose.yaml]
services:
  api:
    extends: { file: common/base.yml, service: base }
    environment: { A: override, C: three }
    ports: ["1:1"]
`,
    'docker-compose.override.yml': 'services: { api: { command: [dev], ports: ["2:2"], volumes: ["./src:/app"] } }\n',
    'common/base.yml': `services:
  base:
    build: ./app
    environment: [A=base, B=two]
    volumes: ["./data:/app"]
    command: prod
`,
    'more/compose.yaml': 'services: { tool: { build: . } }\n',
  }).toSorted((a, b) => a.name.localeCompare(b.name))
  expect(api).toMatchObject({
    build: { context: 'common/app' },
    environment: { A: 'override', B: 'two', C: 'three' },
    command: ['dev'],
    ports: [{ local: 1 }, { local: 2 }],
    mounts: [{ source: 'src', target: '/app' }],
  })
  expect(tool?.build?.context).toBe('more')
})

test('what is not there is an open point with its line, also circles', () => {
  const { open } = read({
    'compose.yaml': `include: [gone.yaml, compose.yaml]
services:
  a: { extends: { service: b }, build: ../out }
  b: { extends: a }
  c: { extends: { file: gone.yaml, service: x } }
  d: { build: { dockerfile_inline: FROM x } }
`,
  })
  expect(open.map(({ place, message }) => [place.line, message])).toEqual(
    expect.arrayContaining([
      [1, 'It includes gone.yaml, which is not in the repository.'],
      [5, 'It extends x, which is not in gone.yaml.'],
      [3, 'The build context ../out is outside the repository: write a Dockerfile in the repository.'],
      [6, 'Its Dockerfile is inline: write a Dockerfile in the repository.'],
    ]),
  )
})

test.each([
  ['@{A}-@A-@{A:-no}', 'yes-yes-yes', []],
  ['@{B:-x@{C-y}}', 'xy', []],
  ['@{EMPTY:-x}@{EMPTY-x}', 'x', []],
  ['@{A:+set}@{B+set}', 'set', []],
  ['@@A @ {A}', '@A @ {A}', []],
  ['@{B} @C @{D:?needed}', '@{B} @C @{D:?needed}', ['B', 'C', 'D']],
  ['@{unclosed', '@{unclosed', []],
])('variables in %s, with @ for a dollar sign', (text, expected, missing) => {
  const dollars = (written: string) => written.replaceAll('@', '$')
  expect(interpolated(dollars(text), { A: 'yes', EMPTY: '' })).toEqual({ text: dollars(expected), missing })
})

test.each([
  ['8080:80', [[8080, 80, 'tcp']]],
  ['127.0.0.1:8080:80/udp', [[8080, 80, 'udp']]],
  ['[::1]:8080:80', [[8080, 80, 'tcp']]],
  ['80', [[undefined, 80, 'tcp']]],
  ['127.0.0.1::80', [[undefined, 80, 'tcp']]],
  [
    '3000-3001:4000-4001',
    [
      [3000, 4000, 'tcp'],
      [3001, 4001, 'tcp'],
    ],
  ],
  ['3000-3005:80', [[3000, 80, 'tcp']]],
  ['70000:80', []],
  ['http', []],
])('the ports of %s', (text, expected) => {
  expect(portsIn(text).map(({ local, remote, protocol }) => [local, remote, protocol])).toEqual(expected)
})

test('words of a command keep what quotes hold', () => {
  expect(words(`sh -c "a && \\"b\\"" 'c d'e  \\ f`)).toEqual(['sh', '-c', 'a && "b"', 'c de', ' f'])
})

test('durations are whole seconds', () => {
  expect(['1m30s', '500ms', '2h', 'x', undefined].map(secondsIn)).toEqual([90, 1, 7200, undefined, undefined])
})

test('no text breaks variables, ports, words or the reader', () => {
  const odd = fc.string({
    unit: fc.constantFrom('$', '{', '}', ':', '-', 'A', '"', "'", '\\', '/', '1', ' ', '\n', '[', ','),
  })
  fc.assert(
    fc.property(odd, (text) => {
      expect(interpolated(text.replaceAll('$', 's'), {}).text).toBe(text.replaceAll('$', 's'))
      interpolated(text, { A: '1' })
      portsIn(text)
      words(text)
      read({ 'compose.yaml': `services: { a: { build: ., command: ${text}, ports: [${text}] } }` })
      read({ 'compose.yaml': text })
    }),
  )
})

test('no value in place of another breaks the reader', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(...sections), (value, section) => {
      const text = JSON.stringify({ services: { a: { build: '.', [section]: value }, b: value }, [section]: value })
      expect(read({ 'compose.yaml': text }).services.length).toBeGreaterThan(0)
    }),
  )
})

const sections = (
  'build image command entrypoint environment env_file ports expose volumes depends_on healthcheck develop deploy ' +
  'extends include profiles'
).split(' ')
