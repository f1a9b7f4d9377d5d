import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { markGenerated } from '../../../../src/manifests/helm/generated.ts'
import { deployStack, prepareStack } from '../../../../src/stack/deploy.ts'
import { desiredState } from '../../../../src/stack/desired/desired.ts'
import { isEmpty } from '../../../../src/stack/plan.ts'
import { configOf, deployment, rolledOut, stackKube } from '../support.ts'

const origin = { file: 'chart (helm)', line: undefined }
const signal = new AbortController().signal
let count = 0

/** What a chart with a random password renders: different values each time. */
function chart(fixed: string): KubeObject[] {
  count++
  const web = deployment('web')
  const template = (web.spec as { template: KubeObject }).template
  template.metadata = { ...template.metadata, annotations: { 'checksum/secret': `${'0'.repeat(60)}${count + 1000}` } }
  const stringData = { password: `secret${count}`, fixed }
  return [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, stringData }, web]
}

/** The server turns stringData into data, and the controller updates the status at once. */
function served(object: KubeObject): KubeObject | undefined {
  if (object.kind === 'Deployment') return { ...object, status: rolledOut }
  if (object.kind === 'Job') return { ...object, status: { conditions: [{ type: 'Complete', status: 'True' }] } }
  if (object.kind !== 'Secret' || object.stringData === undefined) return undefined
  const { stringData, ...rest } = object
  const encode = (text: string) => Buffer.from(text).toString('base64')
  const entries = Object.entries(stringData as Record<string, string>)
  return { ...rest, data: Object.fromEntries(entries.map(([key, value]) => [key, encode(value)])) }
}

/** A Job with a random name, as charts write it since the template of a Job cannot change. */
function namedJobs(fixed: string): KubeObject[] {
  count++
  const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'job', image: `job:${fixed}` }] } } }
  const job = (name: string) => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec })
  return [job('fixed'), job(`web-migrate-x${count}`), job(`web-seed-y${count}z`)]
}

function world(chartOf: (fixed: string) => KubeObject[] = chart) {
  const kube = stackKube({ onApply: served })
  const deps = { kube, timeoutMs: 5000, signal, clock: Date.now, onEvent: () => {} }
  const prepare = (fixed: string) => {
    const once = () => chartOf(fixed).map((object) => ({ object, origin }))
    const rendered = markGenerated(once(), once())
    const secrets = { secrets: {}, externals: {} }
    const desired = (hashKey: string, existing: ReadonlyMap<string, KubeObject> = new Map()) =>
      desiredState({ config: configOf({}), rendered, images: {}, secrets, hashKey, existing })
    return prepareStack('todo', desired, deps, { pruneData: false })
  }
  const up = async (fixed: string) => deployStack(await prepare(fixed), deps)
  const get = (apiVersion: string, kind: string, name: string) =>
    kube.peek({ apiVersion, kind, namespace: 'default', name })
  const password = () => {
    const { data } = get('v1', 'Secret', 'db') as { data?: { password: string } }
    return Buffer.from(data?.password ?? '', 'base64').toString()
  }
  const checksum = () => {
    const { spec } = get('apps/v1', 'Deployment', 'web') as { spec?: { template: KubeObject } }
    return spec?.template.metadata.annotations?.['checksum/secret']
  }
  const names = (kind: string) =>
    kube.writes.filter((write) => write.startsWith(`apply ${kind} `)).map((write) => write.split('/').at(-1))
  return { prepare, up, password, checksum, names }
}

test('a second up keeps the generated values, so that nothing changes', async () => {
  const { up, prepare, password } = world()
  await up('a')
  const first = password()
  expect(isEmpty((await prepare('a')).plan)).toBe(true)
  expect(await up('a')).toBe(false)
  expect(password()).toBe(first)
})

test('a change beside a generated value is applied, and the pods get the new checksum', async () => {
  const { up, password, checksum } = world()
  await up('a')
  const before = { password: password(), checksum: checksum() }
  expect(await up('b')).toBe(true)
  expect(password()).toBe(before.password)
  expect(checksum()).not.toBe(before.checksum)
  expect(await up('b')).toBe(false)
})

test('an object with a generated name keeps its name, so that a second up neither runs nor deletes it', async () => {
  const { up, prepare, names } = world(namedJobs)
  await up('a')
  const first = names('Job')
  expect(first).toHaveLength(3)
  expect((await prepare('a')).plan.actions.map(({ do: what }) => what)).not.toContain('delete')
  expect(await up('a')).toBe(false)
  expect(names('Job')).toEqual(first)
})

test('an object with a generated name that changed is the same one', async () => {
  const { up, prepare, names } = world(namedJobs)
  await up('a')
  const first = new Set(names('Job'))
  const { plan } = await prepare('b')
  const jobs = plan.actions.flatMap((action) => ('wanted' in action ? action.wanted.object.metadata.name : []))
  expect(jobs.filter((name) => name.startsWith('web-')).every((name) => first.has(name))).toBe(true)
})
