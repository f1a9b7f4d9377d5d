import { setImmediate as turn } from 'node:timers/promises'
import type { LoadedConfig } from '../../../../src/config/schema.ts'
import type { DevkError } from '../../../../src/errors.ts'
import { SourcesChanged } from '../../../../src/up/images/supply.ts'
import type { ImageWork } from '../../../../src/up/images/work.ts'
import { liveChanges } from '../../../../src/up/live/changes.ts'
import type { Preparation } from '../../../../src/up/prepare.ts'

interface Build {
  readonly name: string
  resolve(): void
  reject(error: Error): void
}

/** The changes of two services, with builds and waits that the test ends. */
export function startChanges(builtFrom = { of: '', base: '' }) {
  const sources: Record<string, string> = { api: '0', web: '0' }
  const builds: Build[] = []
  const waits: { resolve(): void; reject(error: Error): void }[] = []
  /** What was applied, each as the images of all services and the services whose objects were written. */
  const applied: string[] = []
  const state = {
    holdApply: undefined as Promise<void> | undefined,
    broken: new Set<string>(),
    /** How many builds find that their sources changed meanwhile. */
    changing: 0,
    /** What is wrong with the manifests. */
    mistake: undefined as DevkError | undefined,
    warnings: [] as string[],
    /** How often the loop was notified that a redeploy was applied. */
    notified: 0,
    builtFrom,
  }
  const workOf = (owner: string): ImageWork => ({
    owner,
    reference: `${owner}:${sources[owner]}`,
    ...(owner === state.builtFrom.of ? { bases: [workOf(state.builtFrom.base)] } : {}),
    changed: async () => undefined,
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
      return workOf(owner)
    },
    supply: (work, signal) =>
      new Promise((resolve, reject) => {
        if (work.changed !== undefined && state.changing > 0) {
          state.changing -= 1
          return reject(new SourcesChanged(work.owner, 'a.py'))
        }
        const supplied = { built: true, via: 'registry', buildMs: 5, loadMs: 0 } as const
        builds.push({ name: work.reference, resolve: () => resolve(supplied), reject })
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
    async onApplied() {
      state.notified += 1
    },
    warn: ({ message }) => void state.warnings.push(message),
    running: [workOf('api'), workOf('web')],
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
