import { words } from '../words.ts'
import type { Layers } from './layers.ts'
import type { ComposeHealth } from './model.ts'

/** The health check of a service; undefined if it has none, or turns off that of the image. */
export function healthOf(own: Layers): ComposeHealth | undefined {
  const test = own.get('healthcheck', 'test')
  if (test === undefined || own.get('healthcheck', 'disable')?.value === true) return undefined
  const line = own.text(test)
  const [kind, ...rest] = test.items().flatMap((item) => own.text(item) ?? [])
  const command = line !== undefined ? shell(line) : kind === 'CMD-SHELL' ? shell(rest.join(' ')) : rest
  if (command.length === 0 || kind === 'NONE') return undefined
  const at = (key: string) => secondsIn(own.text(own.get('healthcheck', key)))
  const retries = own.text(own.get('healthcheck', 'retries'))
  return {
    command,
    interval: at('interval'),
    timeout: at('timeout'),
    retries: retries !== undefined && /^\d{1,4}$/.test(retries) ? Number(retries) : undefined,
    start: at('start_period'),
  }
}

/** A shell only where the line needs one: images without a shell can run the rest. */
function shell(line: string): string[] {
  return /[|&;<>()$`*?\n~{}[\]]/.test(line) ? ['sh', '-c', line] : words(line)
}

/** `1m30s` as seconds, at least one. Pure. */
export function secondsIn(duration: string | undefined): number | undefined {
  if (duration === undefined || !/^(\d+(\.\d+)?(h|m|s|ms|us|ns))+$/.test(duration)) return undefined
  const sizes: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001, us: 0, ns: 0 }
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|ns|m|s)/g)]
  const sum = parts.reduce((total, [, count, unit = '']) => total + Number(count) * (sizes[unit] ?? 0), 0)
  return Math.max(1, Math.round(sum))
}
