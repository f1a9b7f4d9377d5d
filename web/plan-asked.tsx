import { signal } from '@preact/signals'
import type { UiPlan } from '../src/commands/ui/api.ts'
import { send } from './actions.tsx'
import { actionKey } from './store.ts'

/** The last plan, and the time at which it was made; `runs` while another one is made. Two views show it. */
export const asked = signal<{ readonly runs: boolean; readonly plan?: UiPlan; readonly at?: Date }>({ runs: false })

/** The button that makes a plan. A page that only reads has none. */
export function AskButton({ children }: { readonly children: string }) {
  const { runs } = asked.value
  if (actionKey.value === null) return null
  return (
    <button type="button" disabled={runs} onClick={() => void ask()}>
      {runs ? 'Comparing …' : children}
    </button>
  )
}

async function ask(): Promise<void> {
  asked.value = { ...asked.value, runs: true }
  const plan = await send<UiPlan>('plan', {})
  asked.value = { runs: false, plan, at: new Date() }
}

/** Why a plan could not be made. */
export function PlanProblem({ text, hint }: { readonly text: string; readonly hint: string | null }) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <pre class="problem" tabIndex={0}>
        {text}
      </pre>
      {hint !== null && <p>{hint}</p>}
    </>
  )
}
