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

test('patterns that a build would refuse are told with their place', () => {
  files['/p/api/.dockerignore'] = 'dist\n[\n'
  const build = { context: 'api' }
  const found = check({
    services: { api: { build, ignore: ['a', '!'], sync: [{ from: 'api/src', to: '/s', exclude: ['[a'] }] } },
  })
  delete files['/p/api/.dockerignore']
  expect(found).toEqual([
    expect.stringContaining('services.api.build.context: api/.dockerignore:2: the pattern "[" is not valid'),
    expect.stringContaining('services.api.sync[0].exclude[0]: the pattern "[a" is not valid'),
    expect.stringContaining('services.api.ignore[1]: the pattern "!" is not valid'),
  ])
})

test.each<[string, Omit<ConfigInput, 'name'>, string[]]>([
  ['nothing wrong', { services: { api: { build: { context: 'api' }, sync: [{ from: 'api/src', to: '/src' }] } } }, []],
  [
    'context',
    { services: { a: { build: { context: 'b' } } } },
    ['services.a.build.context: refers to b, which does not exist'],
  ],
  [
    'Dockerfile',
    { services: { a: { build: { context: 'api', dockerfile: 'src' } } } },
    ['services.a.build.dockerfile: refers to api/src, which is a folder, not a file'],
  ],
  [
    'build contexts and ssh keys',
    {
      services: {
        a: {
          build: {
            context: 'api',
            contexts: { s: 'nope', i: 'docker-image://x', b: 'service:b', n: 'service:missing' },
          },
        },
        b: { build: { context: 'api', contexts: { u: 'https://x/y.git', f: 'api' }, ssh: ['default', 'git=no-key'] } },
      },
    },
    [
      'services.a.build.contexts.s: refers to nope, which does not exist',
      'services.a.build.contexts.n: refers to "missing", which is not a service with a build',
      'services.b.build.ssh[1]: refers to no-key, which does not exist',
    ],
  ],
  [
    'build secrets',
    { services: { a: { build: { context: 'api', secrets: { x: {}, y: { file: 'k' }, z: { env: 'NO' } } } } } },
    [
      'services.a.build.secrets.x: must have either file or env',
      'services.a.build.secrets.y.file: refers to k, which does not exist',
      'services.a.build.secrets.z.env: refers to NO, which is not set in the environment',
    ],
  ],
  [
    'manifests',
    { deploy: { manifests: ['k8s/*.yaml', 'no.yaml'] } },
    ['deploy.manifests[1]: refers to no.yaml, which does not exist'],
  ],
  [
    'kustomization',
    { deploy: { kustomize: ['api', 'k'] } },
    [
      'deploy.kustomize[0]: refers to api, which contains no kustomization.yaml',
      'deploy.kustomize[1]: refers to k, which does not exist',
    ],
  ],
  [
    'chart',
    { deploy: { helm: [{ name: 'c', chart: 'api' }] } },
    ['deploy.helm[0].chart: refers to api, which is not a Helm chart'],
  ],
  [
    'charts that are fetched',
    {
      deploy: {
        helm: [
          { name: 'a', chart: 'oci://127.0.0.1:5001/charts/a', version: '>=1 <2' },
          { name: 'b', chart: 'b', repo: 'https://charts.example.com/stable', version: '1.2.3' },
          { name: 'c', chart: 'https://example.com/c-1.2.3.tgz' },
          { name: 'd', chart: 'd', repo: 'oci://example.com/charts' },
        ],
      },
    },
    [],
  ],
  [
    'charts that cannot be fetched',
    {
      deploy: {
        helm: [
          { name: 'a', chart: 'oci://example.com/a:1.2.3' },
          { name: 'b', chart: 'b', repo: 'charts.example.com' },
          { name: 'c', chart: 'https://example.com/c-1.2.3.tgz', version: '1.2.3' },
          { name: 'd', chart: './d', repo: 'https://example.com' },
          { name: 'e', chart: 'e', repo: 'https://ann:secret@example.com' },
          { name: 'f', chart: '-f', repo: 'https://example.com' },
          { name: 'g', chart: 's3://bucket/g' },
        ],
      },
    },
    [
      'deploy.helm[0].chart: must not contain a tag or digest; write the tag as version',
      'deploy.helm[1].repo: is not a URL of a repository or registry; write https://charts.example.com or oci://registry.example.com/charts',
      'deploy.helm[2].version: does not apply to a URL, which is one version; remove it, or set repo',
      'deploy.helm[3].chart: is not the name of a chart in https://example.com; write the name only, such as redis',
      'deploy.helm[4].repo: contains credentials; give them to helm: `helm repo add` or `helm registry login`',
      'deploy.helm[5].chart: is not the name of a chart in https://example.com; write the name only, such as redis',
      expect.stringContaining('deploy.helm[6].chart: is not a URL of a repository or registry'),
    ],
  ],
  [
    'the version of a chart that is a file',
    { deploy: { helm: [{ name: 'a', chart: 'api/Dockerfile', version: '1.2.3' }] } },
    ['deploy.helm[0].version: is for charts of a repository; this one is a file; remove it, or set repo'],
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
      'secrets.s.fromEnvFile: refers to .envv, which does not exist; create it, or set orElse to another file',
      'secrets.t.fromEnvFile: refers to a, which does not exist, and neither does b; create one of them',
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
      'services.a.ports[0]: uses local port 8080, which cluster.ports[1] uses too; use another local port: "18080:1"',
      'externals.db.forward: uses local port 30080, which cluster.ports[0] uses too; use another local port: "40080:30080"',
    ],
  ],
  [
    'one name of two things',
    { services: { db: image }, externals: { db: { ...image, port: 1 } } },
    ['externals.db: is also the name of one of the services; use different names for services, externals and jobs'],
  ],
  [
    'cycle',
    {
      services: { a: { ...image, dependsOn: ['b'] }, b: { ...image, dependsOn: ['c'] } },
      jobs: { c: { image: 'x', command: ['x'], dependsOn: ['a'] } },
    },
    ['jobs.c.dependsOn[0]: creates a dependency cycle: a → b → c → a; remove one of these dependencies'],
  ],
  [
    'itself',
    { services: { a: { ...image, dependsOn: ['a'] } } },
    ['services.a.dependsOn[0]: creates a dependency cycle: a → a; remove one of these dependencies'],
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
    ['services.a.dependsOn[0]: "bakc" is not defined; did you mean "back"?'],
  ],
  ['job', { jobs: { j: { command: ['x'] } } }, ['jobs.j: has neither service nor image; set one of them']],
  [
    "job's service",
    { services: { backend: image }, jobs: { j: { command: ['x'], service: 'backnd' } } },
    ['jobs.j.service: "backnd" is not a service; did you mean "backend"?'],
  ],
  ['external', { externals: { e: { port: 1 } } }, ['externals.e: has neither image nor build; set one of them']],
  [
    'url',
    { services: { a: { ...image, url: 'ftp://x' } } },
    ['services.a.url: must be an http or https URL, got "ftp://x"; an example is http://localhost:30080'],
  ],
  ['bare url', { services: { a: { ...image, url: 'todo.localhost' } } }, []],
  ['preset twice', { presets: ['a', 'a'] }, ['presets[1]: repeats "a"']],
  [
    'subnet',
    { cluster: { podSubnet: '10.0.0/16' } },
    ['cluster.podSubnet: must be an IPv4 range such as 10.244.0.0/16, got "10.0.0/16"'],
  ],
])('the problems of a configuration are found: %s', (_, config, expected) => {
  expect(check(config)).toEqual(expected)
})

test('a service with an error is not also reported as undefined', () => {
  expect(check({ services: { a: { ...image, dependsOn: ['b'] }, b: 3 as never } })).toEqual([
    'services.b: must be an object, got 3',
  ])
})
