/** One thing that was checked. `devk doctor --json` prints these as they are; ids and fields are stable. */
export interface Finding {
  readonly id: FindingId
  readonly title: string
  readonly level: 'ok' | 'warn' | 'fail'
  /** What is there. */
  readonly detail: string
  /** Why it matters; with warn and fail only. */
  readonly why?: string
  readonly fix?: Fix
}

export type FindingId =
  | 'engine'
  | 'cgroups'
  | 'inotify'
  | 'open-files'
  | 'capabilities'
  | 'disk'
  | 'memory'
  | 'kubectl'
  | 'registry'
  | 'proxy'
  | 'ports'
  | 'network-policies'

export interface Fix {
  /** Argument vectors in their order; with none of them, devk does it by itself (`engine`) or the user has to (`hand`). */
  readonly commands: readonly (readonly string[])[]
  readonly by: 'commands' | 'engine' | 'hand'
  /** What it does, or what is to be done, in words. */
  readonly explain: string
}
