import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unquoted } from '../../../src/readers/tilt/literal.ts'
import { callsIn } from '../../../src/readers/tilt/starlark.ts'
import { readTilt } from '../../../src/readers/tilt/tilt.ts'
import { repository } from './repository.ts'

const read = (text: string, more: Record<string, string> = {}) => readTilt(repository({ Tiltfile: text, ...more }))

test('docker_build gives image, context, Dockerfile, target, arguments and sync', () => {
  const { services, open } = read(`
docker_build(
  'acme/api', './api',
  dockerfile='docker/api.Dockerfile',  # not relative to the context
  target='dev',
  build_args={'MODE': 'dev', 'N': 3},
  live_update=[
    fall_back_on(['api/poetry.lock']),
    sync('./api/src', '/app/src'),
    run('pip install -r requirements.txt', trigger=['./api/requirements.txt', './api/setup.py']),
  ],
)
`)
  expect(open).toEqual([])
  expect(services).toEqual([
    {
      place: { file: 'Tiltfile', line: 2 },
      image: 'acme/api',
      build: {
        context: 'api',
        dockerfile: 'docker/api.Dockerfile',
        target: 'dev',
        args: { MODE: 'dev', N: '3' },
      },
      sync: [{ from: 'api/src', to: '/app/src', exclude: [], only: [] }],
      rebuild: ['api/poetry.lock', 'api/requirements.txt', 'api/setup.py'],
    },
  ])
})

const rule = { from: '.', to: '/a', exclude: [], only: [] }

test.each([
  [
    "docker_build_with_restart('x', '.', entrypoint=['/x'], live_update=[sync('.', '/a')])",
    { command: ['/x'], sync: [{ ...rule, restart: true }] },
  ],
  [
    "docker_build('x', '.', live_update=[sync('.', '/a'), restart_container()])",
    { sync: [{ ...rule, restart: true }] },
  ],
  ["docker_build('x', '.', live_update=[sync('.', '/a'), run('make it')])", { sync: [{ ...rule, run: ['make it'] }] }],
  [
    "docker_build('x', '.', live_update=[sync('.', '/a'), run(['sh', '-c', \"echo 'a b'\"]), restart_container()])",
    { sync: [{ ...rule, run: [`sh -c 'echo '\\''a b'\\'''`], restart: true }] },
  ],
])('what Tilt does after a sync: %s', (text, found) => {
  const { services, open } = read(text)
  const own = { place: { file: 'Tiltfile', line: 1 }, image: 'x', build: expect.anything() }
  expect([services, open]).toEqual([[{ ...own, ...found }], []])
})

test.each([
  "docker_build('x', '.', live_update=[sync(p, '/a') for p in all])",
  "docker_build('x', '.', live_update=[sync('.', '/a'), run(command)])",
])('a live_update that is computed is an open point, and no sync: %s', (text) => {
  const { services, open } = read(text)
  expect(services).toEqual([{ place: { file: 'Tiltfile', line: 1 }, image: 'x', build: expect.anything() }])
  expect(open.map(({ message }) => message)).toEqual([
    'The live_update of x is computed. A save makes a new image unless you add sync.',
  ])
})

test('names that one literal sets are filled in, others are open points with their lines', () => {
  const { services, open } = read(`name = 'acme/' + 'api'
tag = 'a'
tag = 'b'
docker_build(name, '.')
docker_build('x:' + tag, '.')
for each in ['a', 'b']:
  docker_build(each, each)
if cfg:
  docker_build('sometimes', '.')
`)
  expect(services.map(({ image }) => image)).toEqual(['acme/api', 'sometimes'])
  expect(open.map(({ place, message }) => [place.line, message])).toEqual([
    [5, 'The name of an image is computed, or outside the repository: docker_build.'],
    [7, 'The name of an image is computed, or outside the repository: docker_build.'],
    [9, 'docker_build of sometimes stands under a condition or in a function.'],
  ])
})

test('a function around docker_build still says what is synced, and an entry point is a command', () => {
  const { services, open } = read(`def mine(ref, **kwargs):
  custom_build(ref, 'make', **kwargs)
mine('api', live_update=[sync('api', '/app')])
docker_build('web', '.', entrypoint='npm run dev')
docker_build('job', '.', entrypoint=['/run', 'x'])
`)
  expect(services.map(({ image, build, sync, command }) => [image, build?.context, sync?.length, command])).toEqual([
    ['api', undefined, 1, undefined],
    ['web', '.', undefined, ['sh', '-c', 'npm run dev']],
    ['job', '.', undefined, ['/run', 'x']],
  ])
  expect(open).toEqual([])
})

test('manifests, kustomizations and charts are deployed', () => {
  const { deploys, open } = read(`helm_repo('bitnami', 'https://charts.example.com')
k8s_yaml(['k8s/a.yaml', 'k8s/b.yaml'])
k8s_yaml(kustomize('overlays/dev'))
k8s_yaml(helm('charts/web', name='web', values=['values-dev.yaml'], set=['replicas=1', 'a.b=x']))
k8s_yaml(local('kustomize build overlays/more'))
k8s_yaml(blob(computed))
helm_resource('db', 'bitnami/postgresql', flags=['--set=auth.password=x', '--version', '1.2.3'])
helm_remote('redis', repo_url='https://more.example.com')
`)
  expect(deploys).toEqual([
    {
      place: { file: 'Tiltfile', line: 2 },
      manifests: ['k8s/a.yaml', 'k8s/b.yaml'],
      kustomize: ['overlays/dev', 'overlays/more'],
      helm: [
        { name: 'web', chart: 'charts/web', values: ['values-dev.yaml'], set: { replicas: 1, 'a.b': 'x' } },
        {
          name: 'db',
          chart: 'postgresql',
          repo: 'https://charts.example.com',
          version: '1.2.3',
          values: [],
          set: { 'auth.password': 'x' },
        },
        { name: 'redis', chart: 'redis', repo: 'https://more.example.com', values: [], set: {} },
      ],
    },
  ])
  expect(open.map(({ place, message }) => [place.line, message])).toEqual([
    [6, 'k8s_yaml: what it deploys is computed. Add it under deploy.'],
  ])
})

test('k8s_resource gives ports and order', () => {
  const { services } =
    read(`k8s_resource('web', port_forwards=[8000, '9000:90', port_forward(7000, 70)], resource_deps=['db'])
k8s_resource(workload='api', port_forwards='localhost:5000:50', new_name='backend')
`)
  expect(services.map(({ place: _, ...rest }) => rest)).toEqual([
    { name: 'web', ports: ['8000', '9000:90', '7000:70'], dependsOn: ['db'] },
    { name: 'api', ports: ['5000:50'] },
    { name: 'backend' },
  ])
})

test('included files are read with their own folder; what is on this machine is named', () => {
  const { services, open } = read(
    `include('./api/Tiltfile')
include('api/Tiltfile')
include('gone')
local_resource('proto', 'make proto')
local_resource('web', serve_cmd='npm start')
allow_k8s_contexts('prod')
`,
    { 'api/Tiltfile': "docker_build('api', '.')\n" },
  )
  expect(services).toMatchObject([
    { image: 'api', build: { context: 'api' }, place: { file: 'api/Tiltfile', line: 1 } },
  ])
  expect(open.map(({ message }) => message)).toEqual([
    'It includes gone, which is not in the repository.',
    'allow_k8s_contexts: devk makes a local cluster; cluster.context names another one.',
    'local_resource: devk does not run what is on this machine: proto, web.',
  ])
})

test.each([
  [`'a\\'b'`, "a'b"],
  [`"a\\n\\x41\\u0042\\103"`, 'a\nABC'],
  [`r'a\\n'`, 'a\\n'],
  [`'''a\n'b'\n'''`, "a\n'b'\n"],
  [`'\\d'`, '\\d'],
  [`'a`, undefined],
  [`b'a'`, undefined],
])('the literal %j', (literal, expected) => {
  expect(unquoted(literal)).toBe(expected)
})

/** Literals of Starlark, and what they are. */
const literal = fc.letrec<{ value: [string, unknown] }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string().map((text): [string, unknown] => [JSON.stringify(text), text]),
    fc.nat().map((number): [string, unknown] => [String(number), number]),
    fc.boolean().map((flag): [string, unknown] => [flag ? 'True' : 'False', flag]),
    fc
      .array(tie('value'), { maxLength: 4 })
      .map((items): [string, unknown] => [
        `[${items.map(([text]) => text).join(', ')}]`,
        items.map(([, value]) => value),
      ]),
  ),
})).value

type Plain = ReturnType<typeof callsIn>[number]['args'][number]
const plain = (value: Plain | undefined): unknown => {
  if (value?.kind === 'text') return value.text
  if (value?.kind === 'number') return value.number
  if (value?.kind === 'flag') return value.flag
  return value?.kind === 'list' ? value.items.map(plain) : value
}

test('every literal is read as Starlark reads it', () => {
  fc.assert(
    fc.property(fc.array(literal, { maxLength: 4 }), (values) => {
      const args = values.map(([text]) => text).join(',\n  ')
      const [call] = callsIn(`# comment\nf(${args})\n`)
      expect(call).toMatchObject({ name: 'f', line: 2 })
      expect(call?.args.map(plain)).toEqual(values.map(([, value]) => value))
    }),
  )
})

test('no text breaks the reader, and calls behind a mistake are found', () => {
  const words =
    'docker_build k8s_yaml k8s_resource ( ) [ ] { } , = : + \' " \n if for def x 1 "a" sync live_update='.split(' ')
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words, '  ', '\\', '#', '\u0000')), (parts) => {
      read(parts.join(' '))
    }),
  )
  expect(read("docker_build('a', '.'\n)\n)\nx = = 1\ndocker_build('b', '.')\n").services).toHaveLength(2)
  expect(read('('.repeat(2000)).services).toEqual([])
  expect(read(`k8s_yaml(${'['.repeat(1000)}${']'.repeat(1000)})`).services).toEqual([])
})
