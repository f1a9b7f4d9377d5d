import type { UiChange } from '../src/commands/ui/api.ts'
import { ageOf } from './model.ts'
import { now } from './store.ts'

interface ChangesProps {
  readonly changes: readonly UiChange[]
  /** Leave out whose change it is. */
  readonly ofOne?: boolean
}

/** What happened since `devk ui` began to look, newest first. */
export function Changes({ changes, ofOne = false }: ChangesProps) {
  // The first state of each part is not news.
  const news = changes.filter(({ from }) => from !== null && from !== 'connecting')
  if (news.length === 0) return null
  return (
    <section class="changes">
      <h3>What happened</h3>
      <ol>
        {news.map(({ time, name, from, to, reason }) => (
          <li key={`${time} ${name}`}>
            <span class="quiet">{ageOf(time, now.value)} ago</span> {!ofOne && <strong>{name}</strong>} {from} → {to}
            {reason !== null && <span class="quiet">: {reason}</span>}
          </li>
        ))}
      </ol>
    </section>
  )
}
