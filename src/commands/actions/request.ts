import { recordOf } from '../../lib/record.ts'

/** What can be done to a stack from the page of `devk ui` and by `devk mcp`. */
const actionKinds = [
  'restart',
  'stop',
  'start',
  'rebuild',
  'rollback',
  'run',
  'trigger',
  'pause',
  'resume',
  'promote',
  'switch',
] as const
/** One of them. */
export type ActionKind = (typeof actionKinds)[number]

/** An action, and what it is done to. */
export interface ActionRequest {
  readonly action: ActionKind
  /** The service; for `run` the job, for `pause` and `resume` the project. */
  readonly name: string
  /** For a rollback the revision, by default the one before the current; for a switch the colour. */
  readonly to?: number | string | undefined
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
  const { action, name, to } = recordOf(value)
  const kind = actionKinds.find((each) => each === action)
  if (kind === undefined || !isName(name)) return undefined
  if (kind === 'switch') return isColour(to) ? { action: kind, name, to } : undefined
  if (to === undefined || to === null) return { action: kind, name }
  return kind === 'rollback' && isRevision(to) ? { action: kind, name, to } : undefined
}

/** Whether it may name an object of the stack. One with a dash first would be a flag in the command that is shown. */
export function isName(name: unknown): name is string {
  return typeof name === 'string' && /^[a-z0-9][\w.-]{0,252}$/i.test(name)
}

function isRevision(to: unknown): to is number {
  return typeof to === 'number' && Number.isSafeInteger(to) && to > 0
}

/** See https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set. */
function isColour(to: unknown): to is string {
  return typeof to === 'string' && /^[a-z0-9]([\w.-]{0,61}[a-z0-9])?$/i.test(to)
}
