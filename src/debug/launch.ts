import type { PathMapping } from './mapping.ts'

/** A debugger that an editor can attach to. */
export interface Attachable {
  readonly service: string
  readonly runtime: Runtime
  /** Port of 127.0.0.1. */
  readonly port: number
  readonly mappings: readonly PathMapping[]
}

/** The runtimes that devk debugs. */
export type Runtime = 'node' | 'python' | 'ruby' | 'go' | 'jvm'

/** The name of the configuration of a service in editors. */
export function launchName(service: string): string {
  return `devk: ${service}`
}
