import { expect, test } from 'vitest'
import { checkConfig } from '../../../src/config/check.ts'
import type { Disk } from '../../../src/config/context.ts'
import type { ConfigInput } from '../../../src/config/schema.ts'
import type { DevkError } from '../../../src/errors.ts'
import { problems } from './support.ts'

const files: Record<string, string | undefined> = {
  '/p/api/Dockerfile': '',
  '/p/api/src': undefined,
  '/p/.env': 'TOKEN=1\nDATABASE_URL=x\n',
}
const disk: Disk = {
  kind: (path) => {
    if (path in files) return files[path] === undefined ? 'folder' : 'file'
    return Object.keys(files).some((file) => file.startsWith(`${path}/`)) ? 'folder' : undefined
  },
  read: (path) => files[path] ?? '',
  list: () => [],
  matches: (pattern) => pattern === '/p/k8s/*.yaml',
}

function check(config: Omit<ConfigInput, 'name'>): string[] {
  const map = { find: () => undefined, duplicates: [] }
  try {
    checkConfig(
      { name: 'p', ...config },
      { file: '/p/c.ts', shown: 'c.ts', map, profile: undefined, env: {}, presets: undefined, disk },
    )
    return []
  } catch (error) {
    return problems(error as DevkError)
  }
}

const image = { image: 'x' }

test.each<[string, Omit<ConfigInput, 'name'>, string[]]>([
  ['nothing wrong', { services: { api: { build: { context: 'api' }, sync: [{ from: 'api/src', to: '/src' }] } } }, []],
  [
    'context',
    { services: { a: { build: { context: 'b' } } } },
    ['services.a.build.context: names b, which is not there'],
  ],
  [
    'Dockerfile',
    { services: { a: { build: { context: 'api', dockerfile: 'src' } } } },
    ['services.a.build.dockerfile: names api/src, which is a folder, not a file'],
  ],
  [
    'build secrets',
    { services: { a: { build: { context: 'api', secrets: { x: {}, y: { file: 'k' }, z: { env: 'NO' } } } } } },
    [
      'services.a.build.secrets.x: must have either a file or an env',
      'services.a.build.secrets.y.file: names k, which is not there',
      'services.a.build.secrets.z.env: names NO, which is not set in the environment',
    ],
  ],
  [
    'manifests',
    { deploy: { manifests: ['k8s/*.yaml', 'no.yaml'] } },
    ['deploy.manifests[1]: names no.yaml, which is not there'],
  ],
  [
    'kustomization',
    { deploy: { kustomize: ['api', 'k'] } },
    [
      'deploy.kustomize[0]: names api, which holds no kustomization.yaml',
      'deploy.kustomize[1]: names k, which is not there',
    ],
  ],
  [
    'chart',
    { deploy: { helm: [{ name: 'c', chart: 'api' }] } },
    ['deploy.helm[0].chart: names api, which is no chart'],
  ],
  [
    'env file',
    {
      secrets: {
        s: { fromEnvFile: '.envv' },
        t: { fromEnvFile: 'a', orElse: 'b' },
        u: { fromEnvFile: 'a', orElse: '.env' },
      },
    },
    [
      'secrets.s.fromEnvFile: names .envv, which is not there; write it, or name a stand-in with orElse',
      'secrets.t.fromEnvFile: names a, which is not there, nor is b; write one of them',
    ],
  ],
  [
    'keys of an env file',
    { externals: { db: { image: 'x', port: 1, secret: { fromEnvFile: '.env', keys: ['TOKEN', 'DATABASE_URI'] } } } },
    ['externals.db.secret.keys[1]: DATABASE_URI is not set in .env; did you mean "DATABASE_URL"?'],
  ],
  [
    'ports',
    {
      cluster: { ports: [30080, '8080:80'] },
      services: { a: { ...image, ports: ['8080:1'] } },
      externals: { db: { ...image, port: 1, forward: 30080 } },
    },
    [
      'services.a.ports[0]: takes port 8080 of this machine, as cluster.ports[1] does; another one: "18080:1"',
      'externals.db.forward: takes port 30080 of this machine, as cluster.ports[0] does; another one: "40080:30080"',
    ],
  ],
  [
    'one name of two things',
    { services: { db: image }, externals: { db: { ...image, port: 1 } } },
    ['externals.db: is the name of one of the services too; names must differ among services, externals and jobs'],
  ],
  [
    'cycle',
    {
      services: { a: { ...image, dependsOn: ['b'] }, b: { ...image, dependsOn: ['c'] } },
      jobs: { c: { image: 'x', command: ['x'], dependsOn: ['a'] } },
    },
    ['jobs.c.dependsOn[0]: closes a circle: a → b → c → a; take one of these out'],
  ],
  [
    'itself',
    { services: { a: { ...image, dependsOn: ['a'] } } },
    ['services.a.dependsOn[0]: closes a circle: a → a; take one of these out'],
  ],
  [
    'diamond',
    {
      services: {
        a: { ...image, dependsOn: ['b', 'c'] },
        b: { ...image, dependsOn: ['d'] },
        c: { ...image, dependsOn: ['d'] },
        d: image,
      },
    },
    [],
  ],
  [
    'a circle in which one does not wait',
    { services: { a: { ...image, dependsOn: ['b'] }, b: { ...image, dependsOn: [{ name: 'a', wait: false }] } } },
    [],
  ],
  [
    'an unknown name that is not waited for',
    { services: { back: image, a: { ...image, dependsOn: [{ name: 'bakc', wait: false }] } } },
    ['services.a.dependsOn[0]: "bakc" is not declared; did you mean "back"?'],
  ],
  ['job', { jobs: { j: { command: ['x'] } } }, ['jobs.j: has neither service nor image; say what its command runs in']],
  [
    "job's service",
    { services: { backend: image }, jobs: { j: { command: ['x'], service: 'backnd' } } },
    ['jobs.j.service: "backnd" is no service; did you mean "backend"?'],
  ],
  ['external', { externals: { e: { port: 1 } } }, ['externals.e: has neither image nor build']],
  [
    'url',
    { services: { a: { ...image, url: 'ftp://x' } } },
    ['services.a.url: is no http or https URL: "ftp://x"; write it like http://localhost:30080'],
  ],
  ['bare url', { services: { a: { ...image, url: 'todo.localhost' } } }, []],
  ['preset twice', { presets: ['a', 'a'] }, ['presets[1]: names "a" a second time']],
  [
    'subnet',
    { cluster: { podSubnet: '10.0.0/16' } },
    ['cluster.podSubnet: must be an IPv4 network like 10.244.0.0/16, got "10.0.0/16"'],
  ],
])('the problems of a configuration are found: %s', (_, config, expected) => {
  expect(check(config)).toEqual(expected)
})

test('a service with an error is not also reported as undeclared', () => {
  expect(check({ services: { a: { ...image, dependsOn: ['b'] }, b: 3 as never } })).toEqual([
    'services.b: must be an object, got 3',
  ])
})
