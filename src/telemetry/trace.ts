/** A trace, as a list shows it. Names come from programs in containers: they are data, and may hold any text. */
export interface TraceSummary {
  readonly id: string
  /** RFC 3339. */
  readonly start: string
  readonly ms: number
  /** The first span. */
  readonly service: string
  readonly name: string
  readonly spans: number
  /** How many of them failed. */
  readonly errors: number
  readonly services: readonly { readonly name: string; readonly spans: number }[]
}

/** A trace with its spans: each after the one that caused it. */
export interface Trace extends TraceSummary {
  readonly tree: readonly Span[]
  /** Spans that are left out. */
  readonly more: number
}

/** A part of the work of a request. */
export interface Span {
  readonly id: string
  /** How many spans lead from the first one to it. */
  readonly depth: number
  readonly service: string
  readonly name: string
  /** `server`, `client`, `producer`, `consumer` or `internal`; null if it does not say. */
  readonly kind: string | null
  /** Milliseconds from the start of the trace. */
  readonly offset: number
  readonly ms: number
  readonly error: boolean
  readonly tags: readonly (readonly [name: string, value: string])[]
  readonly events: readonly { readonly offset: number; readonly text: string }[]
}

/** Calls from one service to another. */
export interface ServiceCalls {
  readonly from: string
  readonly to: string
  readonly calls: number
}
