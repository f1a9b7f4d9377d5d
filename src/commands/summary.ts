import { colors } from '../lib/colors.ts'
import { count, duration } from '../lib/text.ts'

/** An address of the stack, as `up` prints it. */
export interface Address {
  readonly name: string
  readonly url: string
  /** True for a forward, which ends with devk. */
  readonly whileRunning: boolean
}

export interface Summary {
  readonly services: number
  readonly externals: number
  /** Objects that were created, updated or deleted, and images that were built. */
  readonly changes: number
  readonly ms: number
  readonly addresses: readonly Address[]
}

/** The last lines of `up`: what is ready, and each URL once. */
export function summaryText(summary: Summary, color: boolean): string {
  const paint = colors(color)
  const { services, externals, changes, ms } = summary
  const parts = [count(services, 'service'), ...(externals > 0 ? [count(externals, 'external')] : [])].join(', ')
  const head = `${paint.green('✔')} Ready in ${duration(ms)}   ${parts}${changes === 0 ? ', nothing changed' : ''}`
  const width = Math.max(0, ...summary.addresses.map(({ name }) => name.length))
  const urls = summary.addresses.map(({ name, url, whileRunning }) => {
    const note = whileRunning ? paint.dim('   while this runs') : ''
    return `  ${name.padEnd(width)}  ${paint.cyan(url)}${note}`
  })
  return `${[head, ...(urls.length > 0 ? ['', ...urls] : []), ''].join('\n')}\n`
}

interface Addressed {
  readonly services: Readonly<Record<string, { readonly url?: string | undefined }>>
}

/** URLs that need no running devk come first; forwards are told only to those that devk keeps open. */
export function addresses(
  config: Addressed,
  forwards: readonly { readonly name: string; readonly local: number }[],
): Address[] {
  const fixed = Object.entries(config.services).flatMap(([name, { url }]) =>
    url === undefined ? [] : [{ name, url: /^https?:/.test(url) ? url : `http://${url}`, whileRunning: false }],
  )
  const live = forwards.map(({ name, local }) => ({ name, url: `localhost:${local}`, whileRunning: true }))
  return [...fixed, ...live]
}
