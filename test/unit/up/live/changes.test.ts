import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { LoadedConfig } from '../../../../src/config/schema.ts'
import { DevkError } from '../../../../src/errors.ts'
import type { ImageWork } from '../../../../src/up/images/work.ts'
import { liveChanges } from '../../../../src/up/live/changes.ts'
import type { Preparation } from '../../../../src/up/prepare.ts'

interface Build {
  readonly name: string
  resolve(): void
  reject(error: Error): void
}

/** The changes of two services, with builds and waits that the test ends. */
function start(builtFrom = { of: '', base: '' }) {
  const sources: Record<string, string> = { api: '0', web: '0' }
  const builds: Build[] = []
  const waits: { resolve(): void; reject(error: Error): void }[] = []
  /** What was applied, each as the images of all services and the services whose objects were written. */
  const applied: string[] = []
  const state = {
    holdApply: undefined as Promise<void> | undefined,
    broken: new Set<string>(),
    /** What is wrong with the manifests. */
    mistake: undefined as DevkError | undefined,
    warnings: [] as string[],
    /** How often the loop was notified that a redeploy was applied. */
    notified: 0,
    builtFrom,
  }
  const work = (owner: string): ImageWork => ({
    owner,
    reference: `${owner}:${sources[owner]}`,
    ...(owner === state.builtFrom.of ? { bases: [work(state.builtFrom.base)] } : {}),
    request: { noCache: false } as ImageWork['request'],
  })
  const wanted = (unit: string, image: string) => ({
    do: 'create',
    wanted: {
      unit,
      object: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: unit },
        spec: { template: { spec: { containers: [{ name: 'main', image }] } } },
      },
    },
  })
  const changes = liveChanges({
    config: () => ({}) as LoadedConfig,
    owners: () => ['api', 'web'],
    async work(owner) {
      if (state.broken.has(owner)) throw new Error(`${owner} has no Dockerfile`)
      return work(owner)
    },
    supply: ({ reference }, signal) =>
      new Promise((resolve, reject) => {
        const supplied = { built: true, via: 'registry', buildMs: 5, loadMs: 0 } as const
        builds.push({ name: reference, resolve: () => resolve(supplied), reject })
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
    async onApplied() {
      state.notified += 1
    },
    warn: ({ message }) => void state.warnings.push(message),
    running: [work('api'), work('web')],
    converge: {
      async prepare(_signal, { works, onMistake } = { works: [], config: {} as LoadedConfig }) {
        if (state.mistake !== undefined && onMistake === undefined) throw state.mistake
        if (state.mistake !== undefined) onMistake?.(state.mistake)
        const actions = works.map(({ owner, reference }) => wanted(owner, reference))
        return { works, prepared: { plan: { actions } }, rules: [], notes: [] } as unknown as Preparation
      },
      async apply({ works, prepared }, signal, given) {
        const { plan, desired } = prepared
        await Promise.race([state.holdApply, aborted(signal)])
        signal.throwIfAborted()
        const written = plan.actions.map((action) => ('wanted' in action ? action.wanted.unit : ''))
        applied.push(`${works.map(({ reference }) => reference).join(' ')} to ${written.join(' ')}`)
        given?.onApplied()
        await new Promise<void>((resolve, reject) => waits.push({ resolve, reject }))
        return { desired, changes: 1, notes: [], works, steps: [{ name: 'ready', ms: 7 }] }
      },
    },
  })
  const settle = async () => {
    for (let i = 0; i < 20; i += 1) await turn()
  }
  const never = new AbortController().signal
  return { changes, sources, builds, waits, applied, state, settle, never }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))

test('a service neither waits for the build of another one, nor takes its new image', async () => {
  const { changes, sources, builds, applied, waits, settle, never } = start()
  sources.web = '1'
  const web = changes.rebuild('web', never)
  await settle()
  sources.api = '1'
  const api = changes.rebuild('api', never)
  await settle()
  builds[1]?.resolve()
  await settle()
  expect(applied).toEqual(['api:1 web:0 to api'])
  waits[0]?.resolve()
  expect(await api).toEqual([
    { name: 'built', ms: 5 },
    { name: 'ready', ms: 7 },
  ])
  builds[0]?.reject(new Error('no such package'))
  await expect(web).rejects.toThrow('no such package')
})

test('a service does not wait until another one is ready', async () => {
  const { changes, sources, builds, applied, settle, never } = start()
  sources.web = '1'
  void changes.rebuild('web', never)
  await settle()
  builds[0]?.resolve()
  await settle()
  sources.api = '1'
  void changes.rebuild('api', never)
  await settle()
  builds[1]?.resolve()
  await settle()
  expect(applied).toEqual(['api:0 web:1 to web', 'api:1 web:1 to api'])
})

test('the older image never replaces the newer one', async () => {
  const { changes, sources, builds, applied, settle, never } = start()
  sources.api = '1'
  void changes.redeploy(new Set(), never)
  await settle()
  sources.api = '2'
  void changes.rebuild('api', never)
  await settle()
  expect(builds.map(({ name }) => name)).toEqual(['api:1', 'api:2'])
  builds[1]?.resolve()
  await settle()
  builds[0]?.resolve()
  await settle()
  expect(applied).toEqual(['api:2 web:0 to api', 'api:2 web:0 to api web'])
})

test('a redeploy applies everything but the image that cannot be built, and says which', async () => {
  const { changes, sources, builds, applied, waits, state, settle, never } = start()
  sources.api = '1'
  state.broken.add('web')
  const redeploying = changes.redeploy(new Set(), never)
  await settle()
  builds[0]?.resolve()
  await settle()
  waits[0]?.resolve()
  expect((await redeploying).failed).toEqual([{ service: 'web', error: new Error('web has no Dockerfile') }])
  expect(applied).toEqual(['api:1 web:0 to api web'])
})

test('a redeploy that waits for a broken service gives way to what repairs it, and is done again', async () => {
  const { changes, sources, builds, applied, state, settle, never } = start()
  const { promise, resolve } = Promise.withResolvers<void>()
  state.holdApply = promise
  void changes.redeploy(new Set(), never)
  await settle()
  sources.api = '1'
  void changes.rebuild('api', never)
  await settle()
  state.holdApply = undefined
  builds[0]?.resolve()
  await settle()
  expect(applied).toEqual(['api:1 web:0 to api', 'api:1 web:0 to api web'])
  resolve()
})

test('a change that is no longer wanted is not applied, and others go on', async () => {
  const { changes, sources, builds, applied, settle, never } = start()
  const overtaken = new AbortController()
  sources.api = '1'
  const first = changes.rebuild('api', overtaken.signal)
  await settle()
  overtaken.abort(new Error('overtaken'))
  await expect(first).rejects.toThrow('overtaken')
  sources.api = '2'
  void changes.rebuild('api', never)
  await settle()
  builds[1]?.resolve()
  await settle()
  expect(applied).toEqual(['api:2 web:0 to api'])
})

test('a rebuild makes the images again that are built from the service, and applies them together', async () => {
  const { changes, sources, builds, waits, applied, settle, never } = start({ of: 'web', base: 'api' })
  Object.assign(sources, { api: '1', web: '1' })
  const done = changes.rebuild('api', never)
  await settle()
  expect(builds.map(({ name }) => name)).toEqual(['api:1'])
  builds[0]?.resolve()
  await settle()
  expect(builds.map(({ name }) => name)).toEqual(['api:1', 'web:1'])
  builds[1]?.resolve()
  await settle()
  expect(applied).toEqual(['api:1 web:1 to api web'])
  waits[0]?.resolve()
  await done
})

test('a mistake in the manifests fails a redeploy, but not the rebuild of a service, which reports it', async () => {
  const { changes, sources, builds, applied, waits, state, settle, never } = start()
  state.mistake = new DevkError('MANIFEST_INVALID', 'k8s/web.yaml:3: no such field')
  await expect(changes.redeploy(new Set(), never)).rejects.toBe(state.mistake)
  sources.api = '1'
  const api = changes.rebuild('api', never)
  await settle()
  builds[0]?.resolve()
  await settle()
  expect(applied).toEqual(['api:1 web:0 to api'])
  expect(state.warnings).toEqual(['k8s/web.yaml:3: no such field'])
  waits[0]?.resolve()
  await api
})

test('a redeploy reports that it is applied before everything is ready, and a rebuild does not', async () => {
  const { changes, sources, builds, waits, state, settle, never } = start()
  const redeploying = changes.redeploy(new Set(), never)
  await settle()
  expect([waits.length, state.notified]).toEqual([1, 1])
  waits[0]?.resolve()
  await redeploying
  sources.api = '1'
  const api = changes.rebuild('api', never)
  await settle()
  builds[0]?.resolve()
  await settle()
  waits[1]?.resolve()
  await api
  expect(state.notified).toBe(1)
})
