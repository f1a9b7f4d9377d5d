import type { HostPort } from '../../cluster/provider.ts'
import { DevkError } from '../../errors.ts'
import type { Preset } from '../../presets/folder.ts'
import { presetUrls } from '../../presets/urls.ts'
import type { PresetRecord } from '../../state/projects.ts'
import type { PresetOutcome } from '../../terminal/progress.ts'
import type { PresetOptions } from './install.ts'
import { type PresetsEnded, preparePresets } from './prepare.ts'

/** What the presets are installed beside: first compared with the cluster, which changes nothing, then brought up. */
export interface Beside<P, T> {
  prepare(signal: AbortSignal): Promise<P>
  apply(prepared: P, signal: AbortSignal): Promise<T>
}

/**
 * Installs the presets while the rest is brought up; a preset that fails is told in its outcome and stops nothing. `had` says that
 * an earlier up installed some, which may have to go. Throws what the rest throws, and what `preparePresets` does before anything is
 * applied.
 */
export async function besidePresets<P, T>(
  options: PresetOptions,
  had: boolean,
  rest: Beside<P, T>,
  signal: AbortSignal,
): Promise<PresetsEnded & { readonly stack: T }> {
  if (options.chosen.length === 0 && !had) {
    return { stack: await rest.apply(await rest.prepare(signal), signal), outcomes: [], removed: 0 }
  }
  // The first up is sure to write something that the rest would have to be compared with again.
  const compared = had ? rest.prepare(signal) : undefined
  // What is wrong with the presets is told first.
  compared?.catch(() => {})
  const stop = new AbortController()
  const prepared = await preparePresets(options, signal)
  const { ended, wrote } = await prepared.begin(AbortSignal.any([signal, stop.signal]))
  try {
    // Definitions of presets, and what is noted of them in the cluster, change what the rest was compared with.
    const current = wrote || compared === undefined ? rest.prepare(signal) : compared
    const stack = await rest.apply(await current, signal)
    return { stack, ...(await ended) }
  } catch (error) {
    stop.abort(error)
    await ended.catch(() => {})
    throw error
  }
}

/** What `status` and `open` need to know of the presets later. */
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

/** With --strict every preset has to be ready. Throws NOT_READY with the reason of each that is not. */
export function requireAll(outcomes: readonly PresetOutcome[]): void {
  const lost = outcomes.filter(({ state }) => state !== 'ready')
  if (lost.length === 0) return
  throw new DevkError('NOT_READY', `Not every preset is ready: ${lost.map(({ name }) => name).join(', ')}`, {
    details: lost.map(({ name, state, reason }) => `${name} is ${state}: ${reason}`),
    hint: 'The services are up. Without --strict this is only told.',
  })
}
