import { expect, test } from 'vitest'
import { failure, folder, load, places, problems } from './support.ts'

const broken = `import { defineConfig } from 'devk'

// { not this
export default defineConfig({
  name: 'todo',
  presets: ['grafna'],
  deploy: { kustomize: 'k8s' },
  services: {
    backend: {
      build: { context: 'backend' },
      sync: [{ from: 'frontend/app', to: 'app' }],
      ports: ['8000', '99999'],
      dependsOn: ['frontnd'],
      "replica": 2,
    },
    frontend: { build: { context: 'frontend' }, ports: [8000], dependsOn: ['backend'] },
    frontend: { image: 'again' },
  },
} satisfies object)
`

test('all problems are reported together, each with its position and fix', async () => {
  const root = folder({
    'platform.config.ts': broken,
    'backend/Dockerfile': 'FROM scratch',
    'frontend/Dockerfile': 'FROM scratch',
    'frontend/app/a': '',
  })
  const error = await failure(load(root, { presets: ['grafana', 'jaeger'] }))
  expect([error.message, error.code, error.exitCode]).toEqual([
    'platform.config.ts has 8 problems',
    'CONFIG_INVALID',
    2,
  ])
  expect(problems(error)).toEqual([
    'services.backend.ports[1]: must be "8000" or "LOCAL:REMOTE", got "99999"',
    'services.backend.replica: is unknown; did you mean "replicas"?',
    'services.frontend: is defined twice, in lines 16 and 17; remove one: the second would replace the first',
    'services.backend.dependsOn[0]: "frontnd" is not defined; did you mean "frontend"?',
    'presets[0]: unknown preset "grafna"; did you mean "grafana"?',
    'services.backend.sync[0].from: frontend/app is outside the build context backend; paths are relative to the configuration file',
    'services.backend.sync[0].to: must be an absolute path in the container, got "app"',
    'deploy.kustomize[0]: refers to k8s, which does not exist',
  ])
  expect(places(error)).toEqual([
    'at platform.config.ts:12:23',
    'at platform.config.ts:14:7',
    'at platform.config.ts:17:5',
    'at platform.config.ts:13:19',
    'at platform.config.ts:6:13',
    'at platform.config.ts:11:16',
    'at platform.config.ts:11:38',
    'at platform.config.ts:7:13',
  ])
})

const yaml = `name: Todo
clustr: {}
services:
  api:
    image: api
    ports: [ "80:x" ]
  api:
    url: "::"
externals:
  db: { prt: 5432 }
`

test('problems in YAML have lines, and a missing name does not hide other problems', async () => {
  const error = await failure(load(folder({ 'platform.config.yaml': yaml })))
  expect(problems(error)).toEqual([
    'name: must be lower-case letters, digits and dashes, 40 at most, got "Todo"',
    'externals.db.port: is missing; must be a number',
    'externals.db.prt: is unknown; did you mean "port"?',
    'clustr: is unknown; did you mean "cluster"?',
    'services.api: is defined twice, in lines 4 and 7; remove one: the second would replace the first',
    'services.api: has neither build, image nor workload; set one of them',
    'services.api.url: must be an http or https URL, got "http://::"; an example is http://localhost:30080',
  ])
  expect(places(error).map((place) => place.split('yaml:')[1])).toEqual([
    '1:1',
    '10:3',
    '10:9',
    '2:1',
    '7:3',
    '7:3',
    '8:5',
  ])
})

test('problems in package.json have the lines of that file', async () => {
  const error = await failure(
    load(folder({ 'package.json': '{\n  "devk": {\n    "name": "a",\n    "preset": []\n  }\n}' })),
  )
  expect(error.details.join('\n')).toContain('at package.json:4:5')
})

test('a problem in a profile has the position in the profile', async () => {
  const text = 'name: a\ncluster:\n  workers: 1\nprofiles:\n  big:\n    cluster:\n      workers: 99\n'
  const error = await failure(
    load(folder({ 'platform.config.yaml': `${text}  other: {}\n` }), { profile: 'big,other' }),
  )
  expect(problems(error)).toEqual(['cluster.workers: must be at most 20, got 99'])
  expect(places(error)).toEqual(['at platform.config.yaml:7:7'])
})

test.each([
  ['8080:http', 'with the number of a port'],
  ['svc/web:80', 'with the number of a port'],
  ['0.0.0.0:8080:80', '127.0.0.1 only'],
  ['[::1]:8080:80', '127.0.0.1 only'],
  ['localhost:8080', '127.0.0.1 only'],
  ['8080-8082', 'one entry for each port'],
  ['8080-8082:80-82', 'one entry for each port'],
  ['53:53/udp', 'only TCP'],
  ['80/tcp', 'without a protocol'],
  [':80', '"LOCAL:REMOTE", got'],
  ['08080:80', '"LOCAL:REMOTE", got'],
])('the port %s is refused with what to write', async (port, words) => {
  const root = folder({
    'platform.config.json': JSON.stringify({ name: 'a', services: { a: { image: 'a', ports: [port] } } }),
  })
  const [problem] = problems(await failure(load(root)))
  expect(problem).toContain(words)
  expect(problem).toContain(JSON.stringify(port))
})

test.each([
  ['services: { web: { build: web } }', 'services.web.build: must be an object, got "web"; write { context: "web" }'],
  ['externals: { db: { build: ./db, port: 1 } }', '{ context: "./db" }'],
  ['services: { web: { image: x, dependsOn: db } }', 'services.web.dependsOn: must be a list, got "db"; write ["db"]'],
  ['services: { web: { image: x, ports: "80:80" } }', 'write ["80:80"]'],
  ['services: { web: { image: x, ports: 80 } }', 'write [80]'],
  ['services: [web]', 'services: must be an object, got a list; write each entry under its name: { NAME: … }'],
])('a value in another form than expected is refused with the form to write: %s', async (text, expected) => {
  const root = folder({ 'platform.config.yaml': `name: todo\n${text}\n` })
  expect(problems(await failure(load(root)))).toEqual([expect.stringContaining(expected)])
})
