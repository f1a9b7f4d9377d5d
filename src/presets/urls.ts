import type { Preset } from './folder.ts'

/** An address of a preset. */
export interface PresetUrl {
  readonly name: string
  readonly url: string
  /** True for a forward, which ends with devk. */
  readonly whileRunning: boolean
}

/**
 * Where a preset is reached: by its host name when the ingress answers on this machine at `httpPort`, else by the forward it names.
 * Pure.
 */
export function presetUrls({ urls, ports }: Preset, httpPort: number | undefined): PresetUrl[] {
  return urls.flatMap(({ name, host, forward, path }): PresetUrl[] => {
    if (host !== undefined && httpPort !== undefined) {
      return [{ name, url: `http://${host}${httpPort === 80 ? '' : `:${httpPort}`}${path}`, whileRunning: false }]
    }
    const local = ports.find((port) => port.name === forward)?.forward
    return local === undefined ? [] : [{ name, url: `http://localhost:${local}${path}`, whileRunning: true }]
  })
}
