export interface Answer {
  readonly status: number
  readonly body: unknown
}

export interface Call {
  readonly method: 'GET' | 'PATCH' | 'DELETE' | 'POST'
  /** Path with query, from the root of the server. */
  readonly path: string
  readonly body?: unknown
  readonly contentType?: string
  readonly signal: AbortSignal
}
