/** A command for a container that has received a file. */
export interface SyncCommand {
  readonly argv: readonly string[]
  /** What messages call it. */
  readonly text: string
  readonly timeoutMs: number
  /** It starts the program of the container again. */
  readonly restarts?: true
  /** Its place in the configuration of the service. Commands run in this order. */
  readonly place: number
}

/**
 * One change to the files of a container: `to` is an absolute path in the container, `from` one on this machine.
 * `unbuilt`: builds leave the file out, so that no image has the change. `run`: commands to run when it has arrived.
 */
export type SyncFile = {
  readonly to: string
  readonly unbuilt?: boolean
  readonly run?: readonly SyncCommand[]
} & (
  | { readonly kind: 'write'; readonly from: string }
  /** A folder is deleted only if it is empty. */
  | { readonly kind: 'delete'; readonly directory: boolean }
)

/** A running container: its names in the cluster and in the container runtime of its node. */
export interface SyncTarget {
  readonly service: string
  readonly pod: { readonly namespace: string; readonly name: string }
  readonly container: string
  /** Without the prefix of the container runtime (`containerd://`). */
  readonly containerId: string
  readonly node: string
}

/**
 * Tells the contents of a file apart: its time of change (ctime, ms). NaN when the file changed while it was read, or
 * was not there, so that it equals no other.
 */
export type Version = number

/** What a sync did. */
export interface SyncResult {
  readonly files: number
  readonly bytes: number
  readonly ms: number
  /** How much of it passed until everything was sent; absent if that cannot be known. */
  readonly sentMs?: number
  /** Files that were left out, because they were not on this machine at that moment. */
  readonly absent?: readonly SyncFile[]
  /** Which version of each file was sent, by its path in the container. */
  readonly versions?: ReadonlyMap<string, Version>
}

/** Copies files into running containers. */
export interface Syncer {
  /** Starts what the first `send` to a container needs. */
  prepare?(target: SyncTarget): void
  /**
   * Makes the changes in order. Resolves when the container has them, or with `gone` if it has stopped. Skips files
   * that do not exist on this machine. Throws SYNC_FAILED with each file that could not be written, or the reason of
   * the signal.
   */
  send(target: SyncTarget, files: readonly SyncFile[], signal: AbortSignal): Promise<SyncResult | 'gone'>
}
