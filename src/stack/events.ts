import type { ObjectRef } from '../kube/api.ts'

/** What happens while a cluster converges, for a progress display. `name` is as people read it: `Deployment todo/backend`. */
export type StackEvent =
  | { readonly type: 'applied'; readonly action: 'create' | 'update' | 'replace' | 'delete'; readonly ref: ObjectRef }
  /** The reason is new since the last event of this name. */
  | { readonly type: 'waiting'; readonly name: string; readonly unit: string | undefined; readonly reason: string }
  | { readonly type: 'ready'; readonly name: string; readonly unit: string | undefined }

export type OnStackEvent = (event: StackEvent) => void
