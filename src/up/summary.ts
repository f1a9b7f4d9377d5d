import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import { ingressWarnings } from '../presets/ingress-lint.ts'
import type { PresetRecord } from '../state/projects.ts'
import type { Kept } from './keep.ts'
import { trustHints } from './presets/trust-hints.ts'
import type { StackStart, StackUp } from './stack-up.ts'
import { addresses, forwardHints, keptHints, localHints, type Summary } from './summary-text.ts'

/** What the summary is made from. */
export interface SummaryInput {
  readonly config: LoadedConfig
  /** The configuration, limited to the services and externals that were asked for. */
  readonly shown: LoadedConfig
  readonly presets: readonly PresetRecord[]
  readonly up: StackUp
  readonly start: Pick<StackStart, 'agreedHosts' | 'platform'>
  /** Whether a devk stays to keep forwards open. */
  readonly stays: boolean
  /** The one in the background. */
  readonly kept?: Kept | undefined
  readonly ms: number
}

/** What `up` prints at its end. */
export function summaryOf(ctx: CliContext, of: SummaryInput): Summary {
  const { config, shown, presets, up, start, stays, kept, ms } = of
  const { agreedHosts, platform } = start
  const objects = up.desired.objects.map(({ object }) => object)
  const ingress = presets.find(({ name }) => name === 'ingress')
  const units = (of: LoadedConfig) => [
    ...Object.keys(of.services),
    ...Object.keys(of.externals),
    ...Object.keys(of.locals),
  ]
  const included = new Set(units(shown))
  const all = addresses(shown, presets, up.desired.forwards)
  return {
    services: Object.keys(shown.services).length,
    presets,
    externals: Object.keys(shown.externals).length,
    rest: units(config).filter((name) => !included.has(name)),
    changes: up.changes,
    background: kept ?? null,
    ms,
    addresses: stays ? all : addresses(shown, presets, undefined),
    warnings: [...(ingress === undefined ? [] : ingressWarnings(objects, ingress.version)), ...up.notes],
    hints: [
      ...(kept === undefined ? [] : keptHints(kept.pid)),
      ...(stays ? [] : forwardHints(all.filter(({ name }) => shown.locals[name] === undefined))),
      ...(stays ? [] : localHints(Object.keys(shown.locals))),
      ...(agreedHosts === undefined ? [] : trustHints(ctx.paths, objects, platform.ports, agreedHosts)),
    ],
  }
}
