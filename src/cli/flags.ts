/** Flags of each command as program.ts parses them; `--json`, `--yes` and the global ones are in the context. */
export interface UpFlags {
  readonly detach: boolean
  /** False with --no-watch. */
  readonly watch: boolean
  /** A preset that is not ready is a failure. */
  readonly strict: boolean
  /** Also deletes the data of presets that are no longer wanted. */
  readonly pruneData: boolean
  /** False with --no-fit. */
  readonly fit: boolean
  readonly profile?: string
  readonly overlay?: string
  /** Milliseconds. */
  readonly timeout?: number
}

export interface DownFlags {
  readonly keepCluster: boolean
  /** With keepCluster: volume claims too. */
  readonly pruneData: boolean
  readonly dryRun: boolean
}

export interface PruneFlags {
  readonly dryRun: boolean
}

export interface DevFlags {
  readonly profile?: string
}

export interface TopFlags {
  /** A line for each pod. */
  readonly pods: boolean
}

export interface LogsFlags {
  readonly follow: boolean
  /** Milliseconds before now. */
  readonly since?: number
  /** Lines of the past. */
  readonly tail?: number
  readonly grep?: RegExp
}

export interface ExecFlags {
  /** False with --no-tty. */
  readonly tty: boolean
  readonly container?: string
}

export interface RunFlags {
  readonly profile?: string
  /** Milliseconds. */
  readonly timeout?: number
}

export interface RestartFlags {
  /** Milliseconds. */
  readonly timeout?: number
}

export interface PlanFlags {
  readonly profile?: string
  readonly overlay?: string
}

export interface RollbackFlags {
  /** Revision number, as `history` shows it. */
  readonly to?: number
  /** `Deployment/name`, for a service with several workloads. */
  readonly workload?: string
  /** Milliseconds. */
  readonly timeout?: number
}

export interface PromoteFlags {
  /** To the end, over all further pauses. */
  readonly full: boolean
  /** `Rollout/name`, for a service with several workloads. */
  readonly workload?: string
  /** Milliseconds. */
  readonly timeout?: number
}

export interface SwitchFlags {
  /** Milliseconds the new colour may take to become ready. */
  readonly timeout?: number
  /** Milliseconds it is watched after the switch. */
  readonly watch?: number
  /** HTTP path to ask each pod for. */
  readonly path?: string
}

export interface DoctorFlags {
  readonly fix: boolean
  /** Tries policies on the cluster that is up. */
  readonly networkPolicies: boolean
}

export interface TrustFlags {
  /** Adds the authority to those that this machine trusts. */
  readonly install: boolean
  /** Takes it away from them. */
  readonly remove: boolean
}

export interface ConfigFlags {
  readonly profile?: string
}

export interface KitBuildFlags {
  /** Builds again what is there. */
  readonly force: boolean
}

/** Commands without flags of their own. */
export type NoFlags = Readonly<Record<never, never>>
