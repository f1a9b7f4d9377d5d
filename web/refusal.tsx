import type { UiRefusal } from '../src/commands/ui/api.ts'

/** Why a view is empty, and what can be done about it. */
export function Refusal({ text, hint }: Omit<UiRefusal, 'ok'>) {
  return (
    <div class="empty" role="status">
      <p>{text}</p>
      {hint !== null && <p>{hint}</p>}
    </div>
  )
}
