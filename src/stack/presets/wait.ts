import { DevkError } from '../../errors.ts'
import type { Kube } from '../../kube/api.ts'
import { readiness } from '../../kube/ready.ts'
import { waitUntil } from '../../lib/wait.ts'
import type { Preset } from '../../presets/folder.ts'

/** What the wait for a preset needs. */
export interface WaitDeps {
  readonly kube: Kube
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly onReason: (reason: string) => void
}

/**
 * Waits for the objects that a preset's own controllers create: until a named one is ready, or until there is one of a
 * kind.
 * Throws NOT_READY.
 */
export async function untilPresent({ name, wait }: Preset, deps: WaitDeps): Promise<void> {
  const { kube, timeoutMs, signal, onReason } = deps
  for (const target of wait) {
    const check = async () => {
      try {
        return await missing(kube, target, signal)
      } catch (error) {
        signal.throwIfAborted()
        // An aggregated API returns errors until its server is ready.
        if (error instanceof DevkError && error.code === 'KUBE_API') return error.message
        throw error
      }
    }
    await waitUntil(check, { what: `The preset ${name}`, timeoutMs, intervalMs: 500, signal, onReason })
  }
}

async function missing(kube: Kube, target: Preset['wait'][number], signal: AbortSignal): Promise<string | undefined> {
  const { apiVersion, kind, name, namespace } = target
  if (name === undefined) {
    const found = await kube.list({ apiVersion, kind }, { signal, ...(namespace === undefined ? {} : { namespace }) })
    return found.length > 0 ? undefined : `no ${kind} yet`
  }
  const object = await kube.get({ apiVersion, kind, name, namespace }, signal)
  if (object === undefined) return `no ${kind} ${name} yet`
  const state = readiness(object)
  return state.ready ? undefined : `${kind} ${name}: ${state.reason}`
}
