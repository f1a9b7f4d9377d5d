import type { Preset } from './folder.ts'

/** A URL of a preset. */
export interface PresetUrl {
  readonly name: string
  readonly url: string
  /** true for the URL of a forward, which works only while `devk up` or `devk dev` runs. */
  readonly whileRunning: boolean
}

/**
 * The URLs of a preset: with its host name if the ingress serves HTTP at the local port `httpPort`, or else with the
 * local port of its forward. Pure.
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
