import { expect, test } from 'vitest'
import { ignoreRules } from '../../../src/images/build/ignore.ts'
import { decide, type WatchedService } from '../../../src/loop/decide.ts'
import { watchScope } from '../../../src/loop/scope.ts'
import type { RenderInputs } from '../../../src/manifests/inputs.ts'

const rules = (text: string) => ignoreRules(text)
const backend: WatchedService = {
  name: 'backend',
  context: '/p/backend',
  dockerfile: '/p/backend/Dockerfile',
  ignore: rules('*.log\ncache\n!cache/keep\nDockerfile\ndist\n'),
  unwatched: rules('docs\n'),
  rebuilds: (path) => path === 'app/setup.py',
  sync: [
    { from: '/p/backend/app', to: '/app/app/', exclude: rules('**/test_*\ngen\n!gen/keep'), unbuilt: false },
    { from: '/p/backend/main.py', to: '/app/main.py', exclude: rules(''), unbuilt: false },
    { from: '/p/backend/dist', to: '/app/dist', exclude: rules(''), unbuilt: true },
  ],
}
const frontend: WatchedService = {
  name: 'frontend',
  context: '/p/frontend',
  dockerfile: '/p/docker/frontend.Dockerfile',
  ignore: rules('node_modules\n'),
  unwatched: rules(''),
  rebuilds: () => false,
  sync: [],
}
const redeploy: RenderInputs = {
  roots: ['/p/k8s', '/p/platform.config.ts', '/p/backend/k8s'],
  reads: (path) => /^\/p\/(k8s\/|platform.config.ts$|backend\/k8s\/)/.test(path),
  mayReadBelow: (folder) => /^\/p($|\/k8s|\/backend($|\/k8s))/.test(folder),
}
const input = { services: [backend, frontend], redeploy }
const changed = (path: string) => ({ path, kind: 'changed' as const })
const deleted = (path: string, directory = false) => ({ path, kind: 'deleted' as const, directory })
const sync = (...files: object[]) => ({
  services: [{ service: 'backend', action: 'sync', files }],
  redeploy: undefined,
})
const rebuild = (service: string, reason: string, ignoreChanged = false, files: object[] = []) => ({
  services: [{ service, action: 'rebuild', reason, ignoreChanged, files }],
  redeploy: undefined,
})
const nothing = { services: [], redeploy: undefined }

test.each([
  [
    'a file of a rule',
    [changed('/p/backend/app/a.py')],
    sync({ kind: 'write', from: '/p/backend/app/a.py', to: '/app/app/a.py' }),
  ],
  [
    'a rule for one file',
    [changed('/p/backend/main.py')],
    sync({ kind: 'write', from: '/p/backend/main.py', to: '/app/main.py' }),
  ],
  ['a deleted file', [deleted('/p/backend/app/a.py')], sync({ kind: 'delete', to: '/app/app/a.py', directory: false })],
  [
    'a deleted folder',
    [deleted('/p/backend/app/x/a', false), deleted('/p/backend/app/x', true)],
    sync(
      { kind: 'delete', to: '/app/app/x/a', directory: false },
      { kind: 'delete', to: '/app/app/x', directory: true },
    ),
  ],
  [
    'odd names',
    [changed('/p/backend/app/-rf \n"\'')],
    sync({ kind: 'write', from: '/p/backend/app/-rf \n"\'', to: '/app/app/-rf \n"\'' }),
  ],
  ['outside the rules', [changed('/p/backend/requirements.txt')], rebuild('backend', 'requirements.txt changed')],
  ['excluded from its rule', [changed('/p/backend/app/test_a.py')], nothing],
  [
    'excluded and included again',
    [changed('/p/backend/app/gen/keep'), changed('/p/backend/app/gen/x')],
    sync({ kind: 'write', from: '/p/backend/app/gen/keep', to: '/app/app/gen/keep' }),
  ],
  [
    'a file that needs a build although a rule covers it',
    [changed('/p/backend/app/setup.py')],
    rebuild('backend', 'setup.py changed', false, [
      { kind: 'write', from: '/p/backend/app/setup.py', to: '/app/app/setup.py' },
    ]),
  ],
  ['ignored by the service', [changed('/p/backend/docs/a.md')], nothing],
  [
    'a rule for what builds leave out',
    [changed('/p/backend/dist/a.js'), deleted('/p/backend/dist/b.js')],
    sync(
      { kind: 'write', from: '/p/backend/dist/a.js', to: '/app/dist/a.js', unbuilt: true },
      { kind: 'delete', to: '/app/dist/b.js', directory: false, unbuilt: true },
    ),
  ],
  ['manifests in the context', [changed('/p/backend/k8s/a.yaml')], { services: [], redeploy: 'a.yaml changed' }],
  [
    'one of two outside',
    [changed('/p/backend/app/a.py'), changed('/p/backend/x')],
    rebuild('backend', 'x changed', false, [{ kind: 'write', from: '/p/backend/app/a.py', to: '/app/app/a.py' }]),
  ],
  [
    'several',
    [changed('/p/backend/x'), changed('/p/backend/y'), changed('/p/backend/z')],
    rebuild('backend', 'x and 2 more changed'),
  ],
  ['deleted outside', [deleted('/p/backend/x')], rebuild('backend', 'x deleted')],
  ['an empty folder deleted outside', [deleted('/p/backend/docs', true)], nothing],
  ['the Dockerfile, though ignored', [changed('/p/backend/Dockerfile')], rebuild('backend', 'Dockerfile changed')],
  [
    'a Dockerfile outside its context',
    [changed('/p/docker/frontend.Dockerfile')],
    rebuild('frontend', 'frontend.Dockerfile changed'),
  ],
  ['.dockerignore', [changed('/p/backend/.dockerignore')], rebuild('backend', '.dockerignore changed', true)],
  [
    "the Dockerfile's own .dockerignore",
    [changed('/p/docker/frontend.Dockerfile.dockerignore')],
    rebuild('frontend', 'frontend.Dockerfile.dockerignore changed', true),
  ],
  ['ignored', [changed('/p/backend/a.log'), changed('/p/backend/cache/x')], nothing],
  ['no longer ignored below an ignored folder', [changed('/p/backend/cache/keep')], rebuild('backend', 'keep changed')],
  [
    'temporary files of editors',
    [changed('/p/backend/app/.a.py.swp'), changed('/p/backend/.git/index'), changed('/p/backend/4913')],
    nothing,
  ],
  ['files of no service', [changed('/p/README.md'), changed('/p/backendish/x')], nothing],
  ['manifests', [changed('/p/k8s/dev/a.yaml')], { services: [], redeploy: 'a.yaml changed' }],
  ['the configuration', [changed('/p/platform.config.ts')], { services: [], redeploy: 'platform.config.ts changed' }],
] as const)('a batch of changes is planned: %s', (_name, changes, plan) => {
  expect(decide(changes, input)).toEqual(plan)
})

test('a change in the context of two services affects both', () => {
  const twin = { ...backend, name: 'worker', sync: [] }
  const { services } = decide([changed('/p/backend/app/a.py')], {
    services: [backend, twin],
    redeploy: { ...redeploy, reads: () => false },
  })
  expect(services.map(({ service, action }) => [service, action])).toEqual([
    ['backend', 'sync'],
    ['worker', 'rebuild'],
  ])
})

test('watches contexts, a Dockerfile outside its context, and manifests', () => {
  expect(watchScope(input).roots).toEqual([
    '/p/backend',
    '/p/frontend',
    '/p/docker/frontend.Dockerfile',
    '/p/docker/frontend.Dockerfile.dockerignore',
    '/p/k8s',
    '/p/platform.config.ts',
    '/p/backend/k8s',
  ])
  expect(watchScope(input).follow).toEqual(['/p/backend/app', '/p/backend/main.py', '/p/backend/dist'])
})

test.each([
  ['/p/backend/app', true, false],
  ['/p/backend/a.log', false, true],
  ['/p/backend/Dockerfile', false, false],
  ['/p/backend/.dockerignore', false, false],
  // A file below it is not ignored.
  ['/p/backend/cache', true, false],
  ['/p/backend/cache/x', false, true],
  ['/p/backend/dist', true, false],
  ['/p/backend/dist/a.js', false, false],
  ['/p/backend/docs', true, true],
  ['/p/backend/app/gen', true, false],
  ['/p/backend/app/gen/x', false, true],
  ['/p/backend/app/gen/keep', false, false],
  ['/p/frontend/node_modules', true, true],
  ['/p/frontend/node_modules/x/y.js', false, true],
  ['/p/frontend/.git', true, true],
  ['/p/k8s/dev', true, false],
  ['/p/k8s/.a.yaml.swp', false, true],
  // Above a watched path.
  ['/p', true, false],
  ['/p/other', true, true],
] as const)('%s (folder: %s) is ignored: %s', (path, directory, expected) => {
  expect(watchScope(input).ignored(path, directory)).toBe(expected)
})

test('a file of another build context makes a new image, and is watched', () => {
  const contexts = [{ folder: '/p/shared', ignore: rules('docs\n!docs/keep\n') }]
  const sources = { ...input, services: [{ ...frontend, contexts }] }
  expect(decide([changed('/p/shared/lib.ts')], sources)).toEqual(rebuild('frontend', 'lib.ts changed'))
  expect(decide([changed('/p/shared/docs/a')], sources)).toEqual(nothing)
  expect(decide([changed('/p/shared/.dockerignore')], sources)).toEqual(
    rebuild('frontend', '.dockerignore changed', true),
  )
  const { roots, ignored } = watchScope(sources)
  expect(roots).toContain('/p/shared')
  expect(['lib.ts', 'docs/keep', 'docs/a'].map((path) => ignored(`/p/shared/${path}`, false))).toEqual([
    false,
    false,
    true,
  ])
  expect(ignored('/p/shared/docs', true)).toBe(false)
})

test('what an ignore file that leaves out everything lets in again is watched and synced, however deep it is', () => {
  const sync = [{ from: '/p/go', to: '/src', exclude: rules(''), unbuilt: false }]
  const service = { ...backend, context: '/p/go', ignore: rules('*\n!go.mod\n!apps/**/*.go\n'), sync }
  const sources = { services: [service], redeploy }
  const [file, notes] = ['/p/go/apps/one/internal/m.go', '/p/go/apps/one/internal/notes.md']
  expect(decide([changed(file), changed(notes)], sources).services.map(({ files }) => files)).toEqual([
    [{ kind: 'write', from: file, to: '/src/apps/one/internal/m.go' }],
  ])
  const { ignored } = watchScope(sources)
  expect([ignored(file, false), ignored(notes, false), ignored('/p/go/apps/one/new', true)]).toEqual([
    false,
    true,
    false,
  ])
})

test('a file has the commands of its rule whose patterns match, and a folder has none', () => {
  const of = (text: string, place: number) => ({ argv: [text], text, place, timeoutMs: 1 })
  const rule = { from: '/p/backend', to: '/app', exclude: rules(''), unbuilt: false }
  const run = [
    { command: of('install', 1), when: rules('package-lock.json\n**/*.lock') },
    { command: of('touch', 2), when: undefined },
  ]
  const service = { ...backend, ignore: rules(''), sync: [{ ...rule, run }] }
  const texts = (...changes: Parameters<typeof decide>[0]) =>
    decide(changes, { services: [service], redeploy })
      .services.flatMap(({ files }) => files)
      .map((file) => file.run?.map(({ text }) => text))
  expect(texts(changed('/p/backend/package-lock.json'))).toEqual([['install', 'touch']])
  expect(texts(deleted('/p/backend/deep/x.lock'))).toEqual([['install', 'touch']])
  expect(texts(changed('/p/backend/deep/package-lock.json'))).toEqual([['touch']])
  expect(texts(deleted('/p/backend/deep', true))).toEqual([undefined])
})
