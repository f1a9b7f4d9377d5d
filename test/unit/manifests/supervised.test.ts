import { expect, test } from 'vitest'
import { configSchema } from '../../../src/config/schema.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import { imageNames } from '../../../src/manifests/image-names.ts'
import { rolesOf } from '../../../src/manifests/owner.ts'
import { commandProblems, type KnownCommand } from '../../../src/manifests/supervised.ts'
import { transform } from '../../../src/manifests/transform.ts'
import { podTemplate } from '../../../src/manifests/workload.ts'

const workload = (kind: string, ...containers: object[]): KubeObject => ({
  apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
  kind,
  metadata: { name: 'web' },
  spec: { template: { spec: { containers, initContainers: [{ name: 'first', image: 'other' }] } } },
})
const configOf = (services: object) => configSchema.parse({ name: 'shop', services })
const restarted = { sync: [{ from: 'a', to: '/a', restart: true }] }
const probes = { livenessProbe: {}, startupProbe: {}, readinessProbe: {} }

function specOf(object: KubeObject, services: object, commands: Readonly<Record<string, KnownCommand>> = {}) {
  const images = { web: 'r/web:1', 'devk/supervisor': 'r/supervisor:1' }
  const [done] = transform([{ object, origin: { file: 'a.yaml', line: 1 } }], {
    config: configOf(services),
    images,
    commands,
  })
  return podTemplate(done?.object as KubeObject)?.spec
}

test('the supervisor stands before the command, in a volume that an init container fills', () => {
  const container = { name: 'app', image: 'web', command: ['node'], args: ['server.js', '$(PORT)'], ...probes }
  const spec = specOf(workload('Deployment', container, { name: 'side', image: 'proxy' }), { web: restarted })
  expect(spec?.containers).toEqual([
    {
      name: 'app',
      image: 'r/web:1',
      imagePullPolicy: 'IfNotPresent',
      command: ['/.devk/agent', 'supervise', '/.devk/socket', 'node', 'server.js', '$(PORT)'],
      volumeMounts: [{ name: 'devk-supervisor', mountPath: '/.devk', subPath: 'app' }],
      readinessProbe: {},
    },
    { name: 'side', image: 'proxy' },
  ])
  expect(spec?.volumes).toEqual([{ name: 'devk-supervisor', emptyDir: {} }])
  expect(spec?.initContainers?.map(({ name, image, command }) => [name, image, command])).toEqual([
    ['devk-supervisor', 'r/supervisor:1', ['/agent', 'install', '/.devk/app']],
    ['first', 'other', undefined],
  ])
  // What the Pod Security Standard "restricted" asks for.
  expect(spec?.initContainers?.[0]?.securityContext).toMatchObject({
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  })
})

test('without a command in the manifests, that of the image is supervised as it is, and arguments replace its own', () => {
  const known = { web: { entry: ['/bin/web', '$(HOME)'], args: ['--price', '$$5'] } }
  const commandFor = (more: object, service: object = restarted) =>
    specOf(workload('Deployment', { name: 'app', image: 'web', ...more }), { web: service }, known)
      ?.containers[0]?.command?.slice(3)
      .join(' ')
  // The kubelet makes one $ of two, and fills in no variable then.
  expect(commandFor({})).toBe('/bin/web $$(HOME) --price $$$$5')
  expect(commandFor({ args: ['--port', '$(PORT)'] })).toBe('/bin/web $$(HOME) --port $(PORT)')
  expect(commandFor({}, { ...restarted, args: ['-v'] })).toBe('/bin/web $$(HOME) -v')
  expect(commandFor({ command: ['own'] })).toBe('own')
  expect(commandFor({}, { ...restarted, command: ['mine'] })).toBe('mine')
})

test('two services of one pod share the volume, and each has a folder of its own', () => {
  const containers = ['web', 'api'].map((name) => ({ name, image: name, command: [name] }))
  const spec = specOf(workload('Deployment', ...containers), { web: restarted, api: restarted })
  expect(spec?.initContainers?.[0]?.command).toEqual(['/agent', 'install', '/.devk/web', '/.devk/api'])
  expect(spec?.volumes).toHaveLength(1)
  expect(spec?.containers.map(({ volumeMounts }) => volumeMounts)).toEqual(
    ['web', 'api'].map((subPath) => [{ name: 'devk-supervisor', mountPath: '/.devk', subPath }]),
  )
})

test('services without a restart, and Jobs, stay as they are', () => {
  const container = { name: 'app', image: 'web', command: ['node'], ...probes }
  for (const [kind, service] of [
    ['Deployment', { sync: [{ from: 'a', to: '/a' }] }],
    ['Job', restarted],
  ] as const) {
    const spec = specOf(workload(kind, container), { web: service })
    expect(spec?.containers).toEqual([{ ...container, image: 'r/web:1', imagePullPolicy: 'IfNotPresent' }])
    expect(spec?.volumes).toBeUndefined()
  }
})

test('a command that only the image knows is a mistake, and one of the configuration is none', () => {
  const object = workload('Deployment', { name: 'app', image: 'web', args: ['x'] })
  const problems = (service: object, known?: Readonly<Record<string, KnownCommand>>) => {
    const { services } = configOf({ web: service })
    return commandProblems({ services, known }, [
      { object, roles: rolesOf(object, services, imageNames([object], services)) },
    ])
  }
  expect(problems(restarted)).toEqual([
    'services.web.sync has `restart`, and the container app of Deployment web has no command',
  ])
  expect(problems({ ...restarted, command: ['node'] })).toEqual([])
  expect(problems({})).toEqual([])
  expect(problems(restarted, { other: { entry: ['node'], args: [] } })).toHaveLength(1)
  expect(problems(restarted, { web: { entry: ['node'], args: [] } })).toEqual([])
  // The arguments of the container are a program of their own where the image has no entry point.
  expect(problems(restarted, { web: { entry: [], args: [] } })).toEqual([])
  expect(problems({ ...restarted, args: [] }, { web: { entry: [], args: ['x'] } })).toHaveLength(1)
})
