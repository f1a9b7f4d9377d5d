import type { HostPort } from '../../cluster/provider.ts'
import { DevkError } from '../../errors.ts'
import type { Preset } from '../../presets/folder.ts'
import { presetUrls } from '../../presets/urls.ts'
import type { PresetRecord } from '../../state/projects.ts'
import type { PresetOutcome } from '../../terminal/progress.ts'
import type { PresetOptions } from './install.ts'
import { type PresetsEnded, preparePresets } from './prepare.ts'

/**
 * The stack that comes up at the same time as the presets. `prepare` compares it with the cluster and changes nothing;
 * `apply` brings it up.
 */
export interface Stack<P, T> {
  prepare(signal: AbortSignal): Promise<P>
  apply(prepared: P, signal: AbortSignal): Promise<T>
}

/**
 * Installs the presets while the stack comes up. A preset that fails stops nothing; its outcome has the reason.
 * `hadPresets`: an earlier `up` installed presets, some of which may have to be removed. Throws what the stack throws,
 * and what `preparePresets` throws before anything is applied.
 */
export async function withPresets<P, T>(
  options: PresetOptions,
  hadPresets: boolean,
  stack: Stack<P, T>,
  signal: AbortSignal,
): Promise<PresetsEnded & { readonly stack: T }> {
  if (options.chosen.length === 0 && !hadPresets) {
    return { stack: await stack.apply(await stack.prepare(signal), signal), outcomes: [], removed: 0 }
  }
  // The first up always writes presets, after which the stack has to be compared again. So it is not compared before.
  const compared = hadPresets ? stack.prepare(signal) : undefined
  // A failure of the presets is reported first.
  compared?.catch(() => {})
  const stop = new AbortController()
  const prepared = await preparePresets(options, signal)
  const { ended, wrote } = await prepared.begin(AbortSignal.any([signal, stop.signal]))
  try {
    // A definition or a note that a preset wrote to the cluster can change the comparison.
    const current = wrote || compared === undefined ? stack.prepare(signal) : compared
    const outcome = await stack.apply(await current, signal)
    return { stack: outcome, ...(await ended) }
  } catch (error) {
    stop.abort(error)
    await ended.catch(() => {})
    throw error
  }
}

/** The records of the presets, which `status` and `open` read later. */
export function presetRecords(
  chosen: readonly Preset[],
  outcomes: readonly PresetOutcome[],
  ports: readonly HostPort[],
): PresetRecord[] {
  const ready = outcomes.some(({ name, state }) => name === 'ingress' && state === 'ready')
  const httpPort = ready ? ports.find(({ node }) => node === 80)?.host : undefined
  return outcomes.map(({ changes: _, ...outcome }) => {
    const preset = chosen.find(({ name }) => name === outcome.name)
    const urls = preset === undefined || outcome.state === 'unavailable' ? [] : presetUrls(preset, httpPort)
    return { ...outcome, urls }
  })
}

/** For --strict: throws NOT_READY with each preset that is not ready and its reason. */
export function requireAll(outcomes: readonly PresetOutcome[]): void {
  const missing = outcomes.filter(({ state }) => state !== 'ready')
  if (missing.length === 0) return
  throw new DevkError('NOT_READY', `Not every preset is ready: ${missing.map(({ name }) => name).join(', ')}`, {
    details: missing.map(({ name, state, reason }) => `${name} is ${state}: ${reason}`),
    hint: 'The services are running. Without --strict, devk up reports this and succeeds.',
  })
}
