import type { ObjectRef } from '../kube/api.ts'

/** What happens while a plan is applied, for a progress display. `name` is for people: `Deployment todo/backend`. */
export type StackEvent =
  | { readonly type: 'applied'; readonly action: 'create' | 'update' | 'replace' | 'delete'; readonly ref: ObjectRef }
  /** Sent only if the reason differs from that of the last event with this name. */
  | { readonly type: 'waiting'; readonly name: string; readonly unit: string | undefined; readonly reason: string }
  | { readonly type: 'ready'; readonly name: string; readonly unit: string | undefined }

/** Receives the events of one plan. */
export type OnStackEvent = (event: StackEvent) => void
