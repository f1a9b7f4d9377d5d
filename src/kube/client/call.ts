/** The answer of an API server. */
export interface Answer {
  readonly status: number
  /** JSON where it is JSON, or else text. */
  readonly body: unknown
}

/** One request to an API server. */
export interface Call {
  readonly method: 'GET' | 'PATCH' | 'DELETE' | 'POST'
  /** Path and query, relative to the root of the server. */
  readonly path: string
  readonly body?: unknown
  readonly contentType?: string
  readonly signal: AbortSignal
}
