/** What can be done to a stack from the page of `devk ui` and by `devk mcp`. */
const actionKinds = ['restart', 'rebuild', 'rollback', 'run'] as const
/** One of them. */
export type ActionKind = (typeof actionKinds)[number]

/** An action, and what it is done to. */
export interface ActionRequest {
  readonly action: ActionKind
  /** The service; for `run` the job. */
  readonly name: string
  /** For a rollback: the revision. Default: the one before the current. */
  readonly to?: number | undefined
}

/** What an action will do. */
export interface ActionPreview {
  /** Sentences. */
  readonly effects: readonly string[]
  /** The same action in a terminal; null if there is none. */
  readonly command: string | null
  /** What kubectl would be told for it; null if there is no such command. */
  readonly kubectl: string | null
}

/** The action in a value that somebody sent; undefined if there is none. Pure. */
export function actionIn(value: unknown): ActionRequest | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { action, name, to } = value as Readonly<Record<string, unknown>>
  const kind = actionKinds.find((each) => each === action)
  // A name that begins with a dash would be a flag in the command that is shown.
  if (kind === undefined || typeof name !== 'string' || !/^[a-z0-9][\w.-]{0,252}$/i.test(name)) return undefined
  if (to === undefined || to === null) return { action: kind, name }
  return typeof to === 'number' && Number.isSafeInteger(to) && to > 0 ? { action: kind, name, to } : undefined
}
