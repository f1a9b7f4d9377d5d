import { nameOf } from '../../src/kube/api.ts'
import type { Plan } from '../../src/stack/plan.ts'

/** One line for each action that is not `unchanged`: `create Deployment todo/backend`, `keep Namespace shop (why)`. */
export function planLines(plan: Plan): string[] {
  return plan.actions.flatMap((action) => {
    if (action.do === 'unchanged') return []
    const name = nameOf('wanted' in action ? action.wanted.object : action.ref)
    return [`${action.do} ${name}${'why' in action ? ` (${action.why})` : ''}`]
  })
}
