import type { WatchWarning } from '../watch/warnings.ts'
import type { Waiting } from './hold.ts'
import type { SaveTime, StepTime } from './save-time.ts'

/** What the loop reports, in the order in which it happens. `up --json` and `dev --json` print these objects. */
export type SessionEvent =
  | { readonly type: 'watching'; readonly services: readonly string[] }
  /** All running containers have the files. `again`: only containers that started since the last sync lacked them. */
  | {
      readonly type: 'synced'
      readonly service: string
      readonly files: readonly string[]
      readonly ms: number
      readonly again: boolean
      /** Of the save that is synced; absent if none is. */
      readonly save?: SaveTime
    }
  /** A command of a sync rule starts in a container. */
  | { readonly type: 'running'; readonly service: string; readonly pod: string; readonly command: string }
  /** It ended, or could not run: `problem` says so, and the next save or the same save again runs it once more. */
  | {
      readonly type: 'ran'
      readonly service: string
      readonly pod: string
      readonly command: string
      readonly problem: string | undefined
      /** The end of what it wrote. */
      readonly output: string
      readonly ms: number
      /** Of the save that it follows; absent if it failed. */
      readonly save?: SaveTime
    }
  /** A build on this machine starts. */
  | { readonly type: 'compiling'; readonly service: string; readonly save?: SaveTime }
  /** It ended. With a `problem` nothing is sent, and the next save or the same save again compiles once more. */
  | {
      readonly type: 'compiled'
      readonly service: string
      readonly problem: string | undefined
      /** The end of what the compiler wrote. */
      readonly output: string
      /** How many of the outputs changed, and are sent. */
      readonly outputs: number
      readonly ms: number
      readonly save?: SaveTime
    }
  /** Files were newer in a container, and are here now: paths of this machine. */
  | { readonly type: 'pulled'; readonly service: string; readonly pod: string; readonly files: readonly string[] }
  | { readonly type: 'rebuilding'; readonly service: string; readonly reason: string; readonly save?: SaveTime }
  | {
      readonly type: 'ready'
      readonly service: string
      readonly stages: readonly StepTime[]
      readonly ms: number
      readonly save?: SaveTime
    }
  /** The loop continues, and the next save tries again; before it devk does by itself if only the way was broken. */
  | {
      readonly type: 'failed'
      readonly service: string | undefined
      readonly during: 'up' | 'sync' | 'rebuild' | 'redeploy'
      readonly error: unknown
    }
  | {
      readonly type: 'crashed'
      readonly service: string
      readonly pod: { readonly namespace: string; readonly name: string }
      readonly container: string
      readonly exitCode: number | undefined
      readonly reason: string
      /** The container had the newest files when it crashed. */
      readonly afterSync: boolean
    }
  /** The loop deletes a pod that keeps crashing, so that the new files are tried without the kubelet's back-off. */
  | { readonly type: 'restarting'; readonly service: string; readonly pod: string }
  | { readonly type: 'redeploying'; readonly reason: string; readonly save?: SaveTime }
  | { readonly type: 'redeployed'; readonly ms: number; readonly save?: SaveTime }
  /**
   * Something was saved that waits: of a service with `trigger: manual`, or, with `paused`, of any. No service: what
   * the objects are made from. `again`: something of it has waited before. `waiting`: all that waits now.
   */
  | {
      readonly type: 'held'
      readonly service: string | undefined
      readonly paused: boolean
      readonly again: boolean
      readonly waiting: readonly Waiting[]
    }
  /** What waited of a service is sent. */
  | {
      readonly type: 'triggered'
      readonly service: string
      readonly count: number
      readonly waiting: readonly Waiting[]
    }
  | { readonly type: 'paused' }
  /** What was saved meanwhile is sent as one save. */
  | { readonly type: 'resumed'; readonly count: number; readonly waiting: readonly Waiting[] }
  /** A program of this machine runs, waits for what it needs, or does not run any more until the next save. */
  | {
      readonly type: 'local'
      readonly service: string
      readonly state: 'waiting' | 'running' | 'ended' | 'failed'
      readonly reason: string | undefined
      /** The last lines of one that failed. */
      readonly output: string
      readonly dependsOn: readonly string[]
      readonly urls: readonly string[]
    }
  /** A save was sent as a trace; `number` counts the saves of this devk. No service: the whole stack. */
  | {
      readonly type: 'traced'
      readonly service: string | undefined
      readonly number: number
      /** 32 hexadecimal digits. */
      readonly trace: string
    }
  | { readonly type: 'warning'; readonly warning: WatchWarning }
