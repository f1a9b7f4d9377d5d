import { expect, test } from 'vitest'
import type { ConfigInput } from '../../../src/config/schema.ts'
import { check, files } from './rules-support.ts'

test('patterns that a build would refuse are reported with their place', () => {
  files['/p/api/.dockerignore'] = 'dist\n[\n'
  const build = { context: 'api' }
  const found = check({
    services: {
      api: {
        build,
        ignore: ['a', '!'],
        sync: [{ from: 'api/src', to: '/s', exclude: ['[a'], pull: ['gen/[c'], run: [{ command: 'x', when: ['[b'] }] }],
      },
    },
  })
  delete files['/p/api/.dockerignore']
  expect(found).toEqual([
    expect.stringContaining('services.api.build.context: api/.dockerignore:2: the pattern "[" is not valid'),
    expect.stringContaining('services.api.sync[0].exclude[0]: the pattern "[a" is not valid'),
    expect.stringContaining('services.api.sync[0].pull[0]: the pattern "gen/[c" is not valid'),
    expect.stringContaining('services.api.sync[0].run[0].when[0]: the pattern "[b" is not valid'),
    expect.stringContaining('services.api.ignore[1]: the pattern "!" is not valid'),
  ])
})

test.each<[string, Omit<ConfigInput, 'name'>, string[]]>([
  ['nothing wrong', { services: { api: { build: { context: 'api' }, sync: [{ from: 'api/src', to: '/src' }] } } }, []],
  [
    'files to bring back',
    {
      services: {
        a: {
          build: { context: 'api' },
          sync: [
            { from: 'api/src', to: '/src', pull: ['lock', '.env.d.ts', 'gen/**', '**/x', '../y', '/z', 'a/../../b'] },
            { from: 'api/Dockerfile', to: '/d', pull: ['x'] },
          ],
        },
      },
    },
    [
      'services.a.sync[0].pull[3]: "**/x" must begin with the name of a file or folder below `from`; write for example src/generated/** or package-lock.json',
      'services.a.sync[0].pull[4]: "../y" must begin with the name of a file or folder below `from`; write for example src/generated/** or package-lock.json',
      'services.a.sync[0].pull[5]: "/z" must begin with the name of a file or folder below `from`; write for example src/generated/** or package-lock.json',
      'services.a.sync[0].pull[6]: "a/../../b" must begin with the name of a file or folder below `from`; write for example src/generated/** or package-lock.json',
      'services.a.sync[1].pull: needs a folder as `from`',
    ],
  ],
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
])('problems of files are found: %s', (_, config, expected) => {
  expect(check(config)).toEqual(expected)
})
