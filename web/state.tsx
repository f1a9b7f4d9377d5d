import type { PartState } from './model.ts'

const signs: Readonly<Record<PartState, string>> = {
  ready: '●',
  starting: '◐',
  failed: '✖',
  stopped: '○',
  unavailable: '◌',
  unknown: '…',
}

/** A state as a sign and a word: colour alone would not tell everyone. */
export function StateMark({ state }: { readonly state: PartState }) {
  return (
    <span class={`state ${state}`}>
      <span aria-hidden="true">{signs[state]}</span> {state}
    </span>
  )
}
