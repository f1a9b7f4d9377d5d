/** Result of one check. `devk doctor --json` prints it unchanged, so ids and fields are stable. */
export interface Finding {
  readonly id: FindingId
  readonly title: string
  readonly level: 'ok' | 'warn' | 'fail'
  /** What was found. */
  readonly detail: string
  /** Why it matters; with warn and fail only. */
  readonly why?: string
  readonly fix?: Fix
}

/** Name of a check. */
export type FindingId =
  | 'engine'
  | 'cgroups'
  | 'inotify'
  | 'open-files'
  | 'capabilities'
  | 'disk'
  | 'memory'
  | 'kubectl'
  | 'helm'
  | 'registry'
  | 'proxy'
  | 'ports'
  | 'network-policies'

/** How to fix what a check found. */
export interface Fix {
  /** Argument vectors, in order. Empty when devk fixes it itself (`engine`) or the user has to (`hand`). */
  readonly commands: readonly (readonly string[])[]
  readonly by: 'commands' | 'engine' | 'hand'
  /** What the fix does, or what the user has to do. */
  readonly explain: string
}
