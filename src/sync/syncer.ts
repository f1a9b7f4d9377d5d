/** One change to be made in a container. `to` is absolute there; `from` is absolute here. */
export type SyncFile =
  | { readonly kind: 'write'; readonly from: string; readonly to: string }
  /** A folder is removed only when nothing is left in it. */
  | { readonly kind: 'delete'; readonly to: string; readonly directory: boolean }

/** A running container, as the cluster and the node's runtime name it. */
export interface SyncTarget {
  readonly service: string
  readonly pod: { readonly namespace: string; readonly name: string }
  readonly container: string
  /** Without the runtime's prefix (`containerd://`). */
  readonly containerId: string
  readonly node: string
}

export interface SyncResult {
  readonly files: number
  readonly bytes: number
  readonly ms: number
}

/** Puts files into running containers. */
export interface Syncer {
  /**
   * Makes the changes, in order; resolves when the container has them, or with `gone` when it does not run any more. A file that is
   * gone here by then is passed over. Throws SYNC_FAILED with each file that could not be written, or the signal's reason.
   */
  send(target: SyncTarget, files: readonly SyncFile[], signal: AbortSignal): Promise<SyncResult | 'gone'>
}
