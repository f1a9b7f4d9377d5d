import type { WatchWarning } from '../watch/watch-tree.ts'

/** One part of a rebuild and how long it took: built, loaded, ready. */
export interface StepTime {
  readonly name: string
  readonly ms: number
}

/** What the loop tells of, in the order it happens. */
export type SessionEvent =
  | { readonly type: 'watching'; readonly services: readonly string[] }
  /** All running containers have the files. `again`: they had been synced before, and a container that started since lacked them. */
  | {
      readonly type: 'synced'
      readonly service: string
      readonly files: readonly string[]
      readonly ms: number
      readonly again: boolean
    }
  | { readonly type: 'rebuilding'; readonly service: string; readonly reason: string }
  | { readonly type: 'ready'; readonly service: string; readonly stages: readonly StepTime[]; readonly ms: number }
  /** The loop goes on, and the next save tries again. */
  | {
      readonly type: 'failed'
      readonly service: string | undefined
      readonly during: 'sync' | 'rebuild' | 'redeploy'
      readonly error: unknown
    }
  | {
      readonly type: 'crashed'
      readonly service: string
      readonly pod: { readonly namespace: string; readonly name: string }
      readonly container: string
      readonly exitCode: number | undefined
      readonly reason: string
      /** It has run with the newest files. */
      readonly afterSync: boolean
    }
  /** A crash-looping pod is replaced, so that the new files get their chance at once. */
  | { readonly type: 'restarting'; readonly service: string; readonly pod: string }
  | { readonly type: 'redeploying'; readonly reason: string }
  | { readonly type: 'redeployed'; readonly ms: number }
  | { readonly type: 'warning'; readonly warning: WatchWarning }
