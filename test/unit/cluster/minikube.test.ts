import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { minikubeProvider } from '../../../src/cluster/minikube.ts'
import { minikubeCli, startArgs } from '../../../src/cluster/minikube-cli.ts'
import type { ClusterSpec, NodeSize, NodeSpec } from '../../../src/cluster/provider.ts'
import type { ContainerInfo } from '../../../src/engine/api.ts'
import type { Runner } from '../../../src/exec/runner.ts'
import { type ProviderUnderTest, providerContract } from '../../contract/cluster-provider.ts'
import { type FakeMinikubeOptions, fakeMinikube } from '../../fakes/minikube.ts'
import { fakeRunner } from '../../fakes/runner.ts'
import { container, fakeEngine, fakeJournal, signal, spec } from './support.ts'

/** An engine, a fake minikube, and the provider of any project. The cluster records its owner as the real one does. */
function setup(folder: string, more: Partial<FakeMinikubeOptions> = {}, containers: ContainerInfo[] = []) {
  let note: object | undefined
  const kubectl: string[] = []
  const fake = fakeEngine(containers, (args, stdin) => {
    if (args.startsWith('get nodes')) return nodeList(containers)
    if (args.startsWith('get namespace')) return 'uid-1'
    if (args.includes('get configmap')) return note === undefined ? '' : JSON.stringify({ data: note })
    kubectl.push(args.split(' ').slice(0, 2).join(' '))
    if (args.startsWith('apply')) note = JSON.parse(stdin ?? '').items[1].data
    return ''
  })
  const minikube = fakeMinikube({ containers, ...more })
  const journals = new Map<string, ReturnType<typeof fakeJournal>>()
  const journalOf = (project: string) => {
    const journal = journals.get(project) ?? fakeJournal()
    journals.set(project, journal)
    return journal
  }
  const provider = (project = 'todo') =>
    minikubeProvider({
      runner: minikube,
      engine: fake.engine,
      project,
      journal: journalOf(project),
      portOwner: async () => undefined,
      path: '/usr/bin',
      root: more.root ?? false,
      endOrphans: async () => 0,
    })
  return { ...fake, minikube, provider, journalOf, kubectl, file: join(folder, 'private', 'kubeconfig') }
}

function nodeList(containers: readonly ContainerInfo[]): string {
  const conditions = [{ type: 'Ready', status: 'True' }]
  return JSON.stringify({ items: containers.map(({ name }) => ({ metadata: { name }, status: { conditions } })) })
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'devk-minikube-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const two: ClusterSpec = spec({
  nodes: [
    { role: 'control-plane', labels: {}, taints: [] },
    { role: 'worker', labels: { disk: 'ssd' }, taints: ['dedicated=db:NoSchedule'] },
  ],
})

describe('the contract of cluster providers', () => {
  let folder: string
  let subject: ProviderUnderTest
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'devk-minikube-'))
    const made = setup(folder)
    subject = {
      spec: spec({ image: '' }),
      kubeconfig: made.file,
      signal,
      provider: async (project) => made.provider(project),
      stopNode: async () =>
        void made.containers.splice(0, 1, { ...(made.containers[0] as ContainerInfo), state: 'exited' }),
    }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  test.each(Object.entries(providerContract))('%s', (_, check) => check(subject))
})

test('start has a documented flag for each setting', () => {
  const minikube = { kubernetesVersion: 'v1.34.4', cni: '/net.yaml', startArgs: ['--memory=4g'] }
  const network = { ports: [{ host: 8080, node: 80 }], serviceSubnet: '10.97.0.0/16' }
  const asked = spec({ image: 'base:1', ...network, mount: '/src:/src', minikube })
  expect(startArgs({ ...asked, podSubnet: '10.250.0.0/16' }, true)).toEqual([
    ...['start', '-p', 'todo', '-o', 'json', '--driver=docker', '--container-runtime=containerd'],
    ...['--interactive=false', '--embed-certs', '--wait=all', '--kubernetes-version=v1.34.4', '--base-image=base:1'],
    ...['--cni=/net.yaml', '--service-cluster-ip-range=10.97.0.0/16'],
    ...['--extra-config=kubeadm.pod-network-cidr=10.250.0.0/16', '--ports=127.0.0.1:8080:80'],
    ...['--mount', '--mount-string=/src:/src', '--force', '--memory=4g'],
  ])
  const planes = Array.from({ length: 3 }, () => ({ role: 'control-plane' as const, labels: {}, taints: [] }))
  expect(startArgs({ ...two, nodes: [...planes, ...two.nodes.slice(1)] }, false)).toEqual(
    expect.arrayContaining(['--ha', '--nodes=4']),
  )
})

test('nodes of one size are created with it in whole CPUs, plus what a node itself needs', () => {
  const sizes = (...each: (NodeSize | undefined)[]) =>
    each.map((size, i) => ({ ...(two.nodes[i % 2] as NodeSpec), ...(size === undefined ? {} : { size }) }))
  const flags = (...each: (NodeSize | undefined)[]) =>
    startArgs({ ...two, nodes: sizes(...each) }, false).filter((flag) => /^--(cpus|memory)/.test(flag))
  const Gi = 1024 ** 3
  expect(flags({ cpu: 2000, memory: 4 * Gi }, { cpu: 2500, memory: 2 * Gi })).toEqual(['--cpus=3', '--memory=4608mb'])
  expect(flags({ cpu: 1000 }, { cpu: 1000 })).toEqual(['--cpus=2'])
  expect(flags({ cpu: 2000, memory: Gi }, undefined)).toEqual([])
})

test('labels and taints, which minikube has no flags for, are set on the nodes', async () => {
  const { provider, file, kubectl, journalOf } = setup(temporary())
  await provider().create(two, file, () => {}, signal)
  expect(await provider().inspect('todo', signal)).toMatchObject({
    nodes: [
      { name: 'todo', role: 'control-plane', container: 'todo' },
      { name: 'todo-m02', role: 'worker', container: 'todo-m02' },
    ],
  })
  expect(kubectl).toEqual(['label node', 'taint node', 'apply --server-side'])
  expect((await journalOf('todo').find('cluster', 'todo'))?.facts).toMatchObject({ ids: 'id-todo id-todo-m02' })
})

test('start has --force as root', async () => {
  const { provider, minikube, file } = setup(temporary(), { root: true })
  await provider().create(spec(), file, () => {}, signal)
  expect(minikube.calls.find((call) => call.startsWith('start'))).toContain('--force')
})

test('a start that fails shows the reason of minikube, and is cleaned up before the next one', async () => {
  const { provider, minikube, file, journalOf } = setup(temporary())
  const bad = spec({ minikube: { kubernetesVersion: undefined, cni: '/none.yaml', startArgs: [] } })
  await expect(provider().create(bad, file, () => {}, signal)).rejects.toMatchObject({
    code: 'CLUSTER_FAILED',
    message: 'minikube could not start todo (exit 80)',
    details: [expect.stringMatching(/none.yaml: no such file/)],
  })
  expect(await journalOf('todo').find('cluster', 'todo')).toMatchObject({ state: 'begun' })
  await provider().create(spec(), file, () => {}, signal)
  expect(minikube.calls.filter((call) => /^(start|delete)/.test(call)).map((call) => call.split(' ')[0])).toEqual([
    'start',
    'delete',
    'start',
  ])
})

test.each([
  ['a container of the name, which minikube would delete', [container('todo', { labels: {} })], []],
  ['a profile of the name', [], ['todo']],
])('create changes nothing existing: %s', async (_, containers, profiles) => {
  const { provider, minikube, file } = setup(temporary(), {}, [...containers])
  for (const profile of profiles) minikube.profiles.add(profile)
  const before = [...containers]
  await expect(provider().create(spec(), file, () => {}, signal)).rejects.toMatchObject({ code: 'CLUSTER_FOREIGN' })
  await expect(provider().delete('todo', file, signal)).rejects.toMatchObject({ code: 'CLUSTER_FOREIGN' })
  expect(containers).toEqual(before)
  expect(minikube.calls.filter((call) => /^(start|delete)/.test(call))).toEqual([])
})

test("a profile with the name of another profile's node is not confused with it", async () => {
  const foreign = container('todo-m02', {
    labels: { 'created_by.minikube.sigs.k8s.io': 'true' },
    networks: { 'todo-m02': '192.168.58.2' },
  })
  const { provider, file, containers } = setup(temporary(), {}, [foreign])
  await provider().create(spec(), file, () => {}, signal)
  await provider().delete('todo', file, signal)
  expect(containers).toEqual([foreign])
})

test('the registry is disconnected from the network of the profile, so that minikube can remove it', async () => {
  const { provider, file, containers, log } = setup(temporary())
  await provider().create(spec(), file, () => {}, signal)
  containers.push(container('devk-registry', { labels: {}, networks: { todo: '192.168.49.9' } }))
  await provider().delete('todo', file, signal)
  expect(log).toEqual(['disconnect devk-registry from todo'])
})

test('a network that minikube left behind is removed', async () => {
  const { provider, file, networks } = setup(temporary())
  await provider().create(two, file, () => {}, signal)
  networks.add('todo').add('kind')
  await provider().delete('todo', file, signal)
  expect([...networks]).toEqual(['kind'])
})

test('a delete that leaves nodes fails, whatever minikube reports', async () => {
  const { provider, file } = setup(temporary(), { engineDown: true })
  await provider().create(spec(), file, () => {}, signal)
  await expect(provider().delete('todo', file, signal)).rejects.toMatchObject({
    code: 'CLUSTER_FAILED',
    message: 'minikube did not remove todo',
  })
})

test('a lost node is reported', async () => {
  const { provider, file, containers } = setup(temporary())
  await provider().create(two, file, () => {}, signal)
  containers.pop()
  await expect(provider().create(two, file, () => {}, signal)).rejects.toMatchObject({
    message: 'The cluster todo no longer has todo-m02',
  })
})

test('minikube is searched in the given path, and each call has a private kubeconfig or none', async () => {
  const seen: unknown[] = []
  const run: Runner['run'] = async (_command, _args, { env } = {}) => {
    seen.push(env)
    return { exitCode: 0, stdout: '', stderr: '' }
  }
  const cli = minikubeCli({ runner: { run }, path: '/usr/bin:/kit', root: false })
  await cli.updateContext('todo', '/private', signal)
  await cli.exists('todo', signal)
  expect(seen).toMatchObject([
    { PATH: '/usr/bin:/kit', KUBECONFIG: '/private' },
    { PATH: '/usr/bin:/kit', KUBECONFIG: undefined },
  ])
})

test.each([
  ['v1.35.0', '1.35.0'],
  ['v1.38.1', '1.38.1'],
])('minikube %s is accepted', async (given, version) => {
  const runner = fakeRunner({ 'minikube version -o json': `{"commit":"x","minikubeVersion":"${given}"}` })
  expect(await minikubeCli({ runner, path: '', root: false }).version(signal)).toBe(version)
})

test.each([
  ['too old', '{"commit":"x","minikubeVersion":"v1.34.0"}', /minikube 1.34.0 is too old: devk needs 1.35.0/],
  ['not there', { exitCode: 127, stderr: 'ENOENT' }, /is not installed/],
  ['not minikube', 'hello', /is not installed or cannot be run/],
])('a minikube that is %s is refused', async (_, answer, message) => {
  const runner = fakeRunner({ 'minikube version -o json': answer })
  await expect(minikubeCli({ runner, path: '', root: false }).version(signal)).rejects.toMatchObject({
    code: 'TOOL_MISSING',
    message: expect.stringMatching(message),
  })
})
