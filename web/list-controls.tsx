import { piecesOf } from './ansi.ts'
import { Choice } from './choice.tsx'

/** A field that filters a list. `label` names it for screen readers and, if there is no `hint`, in the empty field. */
export function SearchField(props: {
  readonly label: string
  readonly hint?: string
  readonly value: string
  readonly problem?: string | undefined
  readonly onChange: (text: string) => void
}) {
  return (
    <label>
      <span class="hidden">{props.label}</span>
      <input
        type="search"
        placeholder={props.hint ?? props.label}
        value={props.value}
        aria-invalid={props.problem !== undefined}
        aria-describedby={props.problem === undefined ? undefined : 'pattern-problem'}
        onInput={({ currentTarget }) => props.onChange(currentTarget.value)}
      />
    </label>
  )
}

/** A field for a regular expression. `problem` says why it is none; `PatternProblem` shows it. */
export function PatternField(props: {
  readonly value: string
  readonly problem: string | undefined
  readonly onChange: (pattern: string) => void
}) {
  return <SearchField label="Filter by a regular expression" hint="Regular expression" {...props} />
}

/** Why the regular expression is none. */
export function PatternProblem({ text }: { readonly text: string | undefined }) {
  if (text === undefined) return null
  return (
    <p class="why" id="pattern-problem">
      {text}
    </p>
  )
}

/** Chooses one of the services, or all. The choice is a part of the address of the view: `#/logs/backend`. */
export function ServiceField(props: {
  readonly view: string
  readonly value: string
  readonly names: readonly string[]
}) {
  return (
    <Choice
      label="Service"
      value={props.value}
      options={[['', 'All services'], ...props.names.map((name) => [name, name] as const)]}
      onChange={(value) => {
        location.hash = `#/${props.view}${value === '' ? '' : `/${encodeURIComponent(value)}`}`
      }}
    />
  )
}

/** Whether the list shows what is new; `waiting` counts what it does not show yet. */
export function FollowButton(props: {
  readonly follows: boolean
  readonly waiting: number
  readonly follow: (follows: boolean) => void
}) {
  return (
    <button type="button" aria-pressed={props.follows} onClick={() => props.follow(!props.follows)}>
      {props.follows || props.waiting === 0 ? 'Follow' : `Follow (${props.waiting} new)`}
    </button>
  )
}

/** A text with its ANSI colours. */
export function AnsiText({ text }: { readonly text: string }) {
  return (
    <span class="text">
      {piecesOf(text).map(({ text: piece, className }, index) => (
        <span key={index} class={className}>
          {piece}
        </span>
      ))}
    </span>
  )
}
