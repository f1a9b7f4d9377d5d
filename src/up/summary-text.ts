import { colors } from '../lib/colors.ts'
import { count, duration } from '../lib/text.ts'
import type { PresetRecord } from '../state/projects.ts'

/** An address of the stack, as `up` prints it. */
export interface Address {
  readonly name: string
  readonly url: string
  /** True for a forward, which works only while devk runs. */
  readonly whileRunning: boolean
}

/** The result of `up`; `up --json` prints it. */
export interface Summary {
  readonly services: number
  readonly presets: readonly Pick<PresetRecord, 'name' | 'state' | 'reason' | 'get'>[]
  readonly externals: number
  /** Services and externals that were not asked for. They stay as they are. */
  readonly rest: readonly string[]
  /** Objects that were created, updated or deleted, and images that were built. */
  readonly changes: number
  /** The devk that goes on in the background, with --keep; otherwise null. */
  readonly background: { readonly pid: number; readonly log: string } | null
  readonly ms: number
  readonly addresses: readonly Address[]
  /** What will not work as the manifests describe it, in sentences. */
  readonly warnings: readonly string[]
  /** How to use the stack: command lines. */
  readonly hints: readonly string[]
}

/** The last lines of `up`: what is ready, and each URL once. With `color`, uses terminal colours. */
export function summaryText(summary: Summary, color: boolean): string {
  const paint = colors(color)
  const { services, presets, externals, changes, ms } = summary
  const ready = presets.filter(({ state }) => state === 'ready').length
  const parts = [
    count(services, 'service'),
    ...(presets.length > 0
      ? [`${ready === presets.length ? '' : `${ready} of `}${count(presets.length, 'preset')}`]
      : []),
    ...(externals > 0 ? [count(externals, 'external')] : []),
  ].join(', ')
  const head = `${paint.green('✔')} Ready in ${duration(ms)}   ${parts}${changes === 0 ? ', nothing changed' : ''}`
  const rest =
    summary.rest.length === 0 ? [] : [`  left as they are: ${summary.rest.join(', ')}   (devk up brings up all)`]
  const width = Math.max(0, ...summary.addresses.map(({ name }) => name.length))
  const urls = summary.addresses.map(({ name, url, whileRunning }) => {
    const note = whileRunning ? paint.dim('   while devk runs') : ''
    return `  ${name.padEnd(width)}  ${paint.cyan(url)}${note}`
  })
  const missing = presets.flatMap(({ name, state, reason, get }) =>
    state === 'ready'
      ? []
      : [`${paint.yellow('!')} ${name} is ${state}: ${reason}`, ...(get === null ? [] : [`  → ${get}`])],
  )
  const warnings = summary.warnings.map((warning) => `${paint.yellow('!')} ${warning}`)
  const hints = summary.hints.map((hint) => `  → ${hint}`)
  const blocks = [[head, ...rest], urls, missing, warnings, hints].filter((block) => block.length > 0)
  return `${blocks.map((block) => block.join('\n')).join('\n\n')}\n\n`
}

/** The URLs of a program of this machine. Pure. */
export function localUrls(ports: readonly number[]): string[] {
  return ports.map((port) => `http://localhost:${port}`)
}

interface Addressed {
  readonly locals: Readonly<Record<string, { readonly ports: readonly number[] }>>
  readonly services: Readonly<Record<string, { readonly url?: string | undefined }>>
}

/**
 * The addresses of services and presets. Those that work without a running devk come first. `forwards` is undefined
 * when devk does not stay to keep forwards open; then no forward is listed.
 */
export function addresses(
  config: Addressed,
  presets: readonly Pick<PresetRecord, 'urls'>[],
  forwards: readonly { readonly name: string; readonly local: number }[] | undefined,
): Address[] {
  const fixed = Object.entries(config.services).flatMap(([name, { url }]) =>
    url === undefined ? [] : [{ name, url: /^https?:/.test(url) ? url : `http://${url}`, whileRunning: false }],
  )
  const ofPresets = presets.flatMap(({ urls }) => urls)
  const lasting = [...fixed, ...ofPresets.filter(({ whileRunning }) => !whileRunning)]
  if (forwards === undefined) return lasting
  const live = forwards.map(({ name, local }) => ({ name, url: `localhost:${local}`, whileRunning: true }))
  const locals = Object.entries(config.locals).flatMap(([name, { ports }]) =>
    localUrls(ports).map((url) => ({ name, url, whileRunning: true })),
  )
  return [...lasting, ...live, ...locals, ...ofPresets.filter(({ whileRunning }) => whileRunning)]
}

/** The command that opens what works only while devk runs, for an `up` that does not stay. */
export function forwardHints(all: readonly Address[]): string[] {
  const live = all.filter(({ whileRunning }) => whileRunning)
  const [first] = live
  if (first === undefined) return []
  return [`devk dev   (opens ${live.length === 1 ? first.url : `${live.length} forwards`} while it runs)`]
}

/** The command that starts programs of this machine, for an `up` that does not stay. */
export function localHints(names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`devk dev   (runs ${names.join(', ')} on this machine, which devk up -d does not)`]
}

/** What to do with the devk that goes on in the background. */
export function keptHints(pid: number): string[] {
  return [
    `devk attach   (shows what devk does in the background, as process ${pid})`,
    'devk stop   (ends it; the stack stays up)',
  ]
}
