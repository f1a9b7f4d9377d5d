import { setTimeout } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { markGenerated } from '../../../../src/manifests/helm/generated.ts'
import { hookOf } from '../../../../src/manifests/helm/hooks.ts'
import { deployStack, prepareStack } from '../../../../src/stack/deploy.ts'
import { isEmpty } from '../../../../src/stack/plan.ts'
import { planRemoval, removeStack } from '../../../../src/stack/remove.ts'
import { configMap, deployment, desiredOf, rolledOut, stackKube } from '../support.ts'

const origin = { file: 'chart (helm)', line: undefined }
const signal = new AbortController().signal
const running = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }

function hook(name: string, events: string, { weight = '0', policy = '' } = {}): KubeObject {
  const annotations = {
    'helm.sh/hook': events,
    'helm.sh/hook-weight': weight,
    ...(policy && { 'helm.sh/hook-delete-policy': policy }),
  }
  const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'job', image: 'job:1' }] } } }
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, annotations }, spec }
}

function podHook(name: string, events: string): KubeObject {
  const { metadata } = hook(name, events)
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'job', image: 'job:1' }] } }
}

/**
 * A cluster in which Jobs end at once, and pods when `endPod` is called; without it they run. Those in `failing` end
 * with an error.
 */
function world(failing: ReadonlySet<string> = new Set(), { timeoutMs = 5000 } = {}) {
  const kube = stackKube({
    onApply: (object) => {
      if (object.kind === 'Deployment') return { ...object, status: rolledOut }
      if (object.kind === 'Pod') return { ...object, status: running }
      if (object.kind !== 'Job') return undefined
      const type = failing.has(object.metadata.name) ? 'Failed' : 'Complete'
      return { ...object, status: { conditions: [{ type, status: 'True' }] } }
    },
  })
  const deps = { kube, timeoutMs, signal, clock: Date.now, onEvent: () => {} }
  const entriesOf = (objects: readonly KubeObject[]) =>
    objects.map((object) => {
      const own = hookOf(object)
      return { object, origin, release: { name: 'default/web', ...(own === undefined ? {} : { hook: own }) } }
    })
  const prepare = (objects: readonly KubeObject[], again = objects) => {
    const rendered = markGenerated(entriesOf(objects), entriesOf(again))
    const desired = (hashKey: string, existing?: ReadonlyMap<string, KubeObject>) =>
      desiredOf([], {}, { hashKey, rendered, existing })
    return prepareStack('todo', desired, deps, { pruneData: false })
  }
  /** Brings the objects up. Returns the names of what was written, in order. */
  const up = async (...objects: KubeObject[]): Promise<string[]> => {
    const before = kube.writes.length
    await deployStack(await prepare(objects), deps)
    const writes = kube.writes.slice(before).filter((write) => !/^dry-run|devk-system/.test(write))
    return writes.map((write) => write.replace(/^apply \w+ default\//, '').replace(/ \w+ default\//, ' '))
  }
  const endPod = async (name: string) => {
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name }
    await vi.waitFor(() => expect(kube.peek(ref)?.status).toEqual(running))
    const phase = failing.has(name) ? 'Failed' : 'Succeeded'
    kube.put({ ...(kube.peek(ref) as KubeObject), status: { phase } })
  }
  return { kube, deps, prepare, up, endPod }
}

test('hooks before a release run first, in the order of their weights, and those after it last', async () => {
  const { up } = world()
  const hooks = [
    hook('after', 'post-install'),
    hook('third', 'pre-install', { weight: '5' }),
    hook('first', 'pre-install', { weight: '-5' }),
    hook('second', 'pre-install'),
  ]
  expect(await up(configMap('settings'), deployment('web'), ...hooks)).toEqual([
    ...['first', 'second', 'third'],
    ...['settings', 'web'],
    'after',
  ])
})

test('a hook runs at the installation, and again only at an upgrade that it is for', async () => {
  const { up } = world()
  const hooks = [
    hook('install', 'pre-install'),
    hook('upgrade', 'pre-upgrade'),
    hook('both', 'post-install,post-upgrade'),
  ]
  expect(await up(deployment('web', 'web:1'), ...hooks)).toEqual(['install', 'web', 'both'])
  expect(await up(deployment('web', 'web:1'), ...hooks)).toEqual([])
  const upgrade = await up(deployment('web', 'web:2'), ...hooks)
  expect(upgrade).toEqual(['upgrade', 'web', 'delete both', 'both'])
  expect(await up(deployment('web', 'web:2'), ...hooks)).toEqual([])
})

test('a release that was removed and comes back is an installation', async () => {
  const { up } = world()
  const install = hook('install', 'pre-install')
  const upgrade = hook('upgrade', 'pre-upgrade')
  expect(await up(deployment('web'), install, upgrade)).toEqual(['install', 'web'])
  expect(await up()).toContain('delete web')
  expect(await up(deployment('web'), install, upgrade)).toEqual(['install', 'web'])
})

test('a hook that is due makes the plan not empty; one that has run is neither wanted nor deleted', async () => {
  const { up, prepare } = world()
  const objects = [
    deployment('web'),
    hook('once', 'post-install'),
    hook('gone', 'pre-install', { policy: 'hook-succeeded' }),
  ]
  expect(isEmpty((await prepare(objects)).plan)).toBe(false)
  await up(...objects)
  expect(isEmpty((await prepare(objects)).plan)).toBe(true)
})

test('the objects of hooks are deleted as their policies say', async () => {
  const { up } = world()
  const hooks = [
    hook('kept', 'pre-install', { policy: 'before-hook-creation' }),
    hook('deleted', 'pre-install', { policy: 'hook-succeeded' }),
    hook('if-failed', 'pre-install', { policy: 'hook-failed' }),
  ]
  expect((await up(configMap('a'), ...hooks)).filter((write) => write.startsWith('delete '))).toEqual([
    'delete deleted',
  ])
})

test('a failed hook ends the release before its objects are applied, and is run again as an installation', async () => {
  const failing = new Set(['migrate'])
  const { up, kube } = world(failing)
  const objects = [
    deployment('web'),
    hook('prepare', 'pre-install', { weight: '-1', policy: 'hook-succeeded' }),
    hook('migrate', 'pre-install', { policy: 'hook-failed' }),
  ]
  await expect(up(...objects)).rejects.toMatchObject({ code: 'COMMAND_FAILED' })
  const names = kube.writes.filter((write) => /^(apply|delete) .* default\//.test(write))
  expect(names).toEqual([
    ...['apply Job default/prepare', 'apply Job default/migrate'],
    ...['delete Job default/migrate', 'delete Job default/prepare'],
  ])
  failing.clear()
  expect((await up(...objects)).slice(0, 3)).toEqual(['prepare', 'migrate', 'web'])
})

test('down removes what hooks have left, and the record of the releases', async () => {
  const { up, kube, deps } = world()
  await up(configMap('a'), hook('kept', 'post-install'))
  const options = { ...deps, pruneData: false }
  await removeStack(await planRemoval(kube, 'todo', options), 'todo', options)
  expect(kube.peek({ apiVersion: 'batch/v1', kind: 'Job', namespace: 'default', name: 'kept' })).toBeUndefined()
  const record = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'devk-system', name: 'devk-todo-releases' }
  expect(kube.peek(record)).toBeUndefined()
})

test('a pod that is a hook is waited for until it has ended, although it counts as ready while it runs', async () => {
  const { up, kube, endPod } = world()
  const bringing = up(deployment('web'), podHook('migrate', 'pre-install'))
  await setTimeout(300)
  expect(kube.writes.filter((write) => write.startsWith('apply Deployment'))).toEqual([])
  await endPod('migrate')
  expect(await bringing).toEqual(['migrate', 'web'])
})

test('a pod hook that fails ends the release; one that never ends is named at the deadline', async () => {
  const broken = world(new Set(['migrate']))
  const bringing = broken.up(deployment('web'), podHook('migrate', 'pre-install'))
  const failure = expect(bringing).rejects.toMatchObject({
    code: 'COMMAND_FAILED',
    message: expect.stringContaining('migrate'),
  })
  await broken.endPod('migrate')
  await failure
  expect(broken.kube.writes.filter((write) => write.startsWith('apply Deployment'))).toEqual([])

  const endless = world(new Set(), { timeoutMs: 300 })
  await expect(endless.up(deployment('web'), podHook('migrate', 'pre-install'))).rejects.toMatchObject({
    code: 'NOT_READY',
    details: expect.arrayContaining([expect.stringContaining('Pod default/migrate: has not ended yet')]),
  })
})

test('a hook for both moments runs twice: before and after, each time as a new object', async () => {
  const { up, kube } = world()
  const check = { apiVersion: 'batch/v1', kind: 'Job', namespace: 'default', name: 'check' }
  const hooks = [hook('check', 'pre-install,post-install'), hook('warm', 'post-install', { weight: '1' })]
  expect(await up(deployment('web'), ...hooks)).toEqual(['check', 'web', 'delete check', 'check', 'warm'])
  expect(kube.peek(check)).toBeDefined()
  expect(await up(deployment('web'), ...hooks)).toEqual([])
})

test('a pod hook for both moments runs twice, and the end of the first is not taken for that of the second', async () => {
  const { up, endPod, kube } = world()
  const bringing = up(deployment('web'), podHook('check', 'pre-install,post-install'))
  await endPod('check')
  await endPod('check')
  expect(await bringing).toEqual(['check', 'web', 'delete check', 'check'])
  const again = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'check' }
  expect(kube.peek(again)?.status).toEqual({ phase: 'Succeeded' })
})

test('settings that are hooks for both moments are applied each time, and kept', async () => {
  const { up } = world()
  const settings = { ...configMap('rights'), metadata: hook('rights', 'pre-install,post-install').metadata }
  const job = hook('migrate', 'pre-install', { weight: '1' })
  expect(await up(deployment('web'), settings, job)).toEqual(['rights', 'migrate', 'web', 'rights'])
})

test('a hook with generated values that is deleted after its run does not make each up an upgrade', async () => {
  const { kube, prepare, deps } = world()
  let count = 0
  const rendering = () => {
    count++
    const job = hook(`check-x${count}`, 'post-install,post-upgrade', { policy: 'hook-succeeded' })
    const containers = [{ name: 'job', image: 'job:1', env: [{ name: 'SEED', value: `s${count}` }] }]
    return [deployment('web'), { ...job, spec: { template: { spec: { restartPolicy: 'Never', containers } } } }]
  }
  await deployStack(await prepare(rendering(), rendering()), deps)
  expect(kube.writes.filter((write) => write.includes('/check-x'))).toEqual([
    'dry-run Job default/check-x1',
    'apply Job default/check-x1',
    'delete Job default/check-x1',
  ])
  expect(isEmpty((await prepare(rendering(), rendering())).plan)).toBe(true)
})
