import type { Save } from '../src/commands/ui/api.ts'
import { ask } from './actions.tsx'
import { ageOf } from './model.ts'
import { barsOf, spanText, targetOf, timesOf, waitingText } from './saves-model.ts'
import './saves.css'
import { actionKey, now, session } from './store.ts'

/** Each save as a waterfall, and how long saves take. */
export function SavesView() {
  const current = session.value
  const saves = [...(current?.saves ?? [])].reverse()
  const pausing = current?.paused ? 'resume' : 'pause'
  return (
    <div class="list">
      <div class="bar">
        <h2>Saves</h2>
        {current !== null && actionKey.value !== null && (
          <button type="button" onClick={() => void ask({ action: pausing, name: current.project })}>
            {current.paused ? 'Resume …' : 'Pause …'}
          </button>
        )}
      </div>
      {current === null && (
        <p class="empty">
          No devk watches this stack. Run <code>devk up</code> or <code>devk dev</code>, and save a file.
        </p>
      )}
      {current !== null && saves.length === 0 && (
        <p class="empty">
          {current.watched.length === 0
            ? 'devk does not watch yet.'
            : `Nothing was saved yet. devk watches ${current.watched.join(', ')}.`}
        </p>
      )}
      {current?.paused && <p class="empty">Paused: {waitingText(current.waiting)}</p>}
      <Times saves={saves} />
      {saves.length > 0 && (
        <ol class="saves">
          {saves.map((save) => (
            <OneSave key={save.id} save={save} longest={Math.max(...saves.map(lengthOf))} />
          ))}
        </ol>
      )}
    </div>
  )
}

const lengthOf = ({ ms, steps }: Save) => ms ?? steps.reduce((sum, step) => sum + step.ms, 0)

function Times({ saves }: { readonly saves: readonly Save[] }) {
  const times = timesOf(saves)
  if (times.length === 0) return null
  return (
    <table>
      <caption>How long saves take</caption>
      <thead>
        <tr>
          <th scope="col">Service</th>
          <th scope="col">Kind</th>
          <th scope="col">Saves</th>
          <th scope="col">p50</th>
          <th scope="col">p95</th>
        </tr>
      </thead>
      <tbody>
        {times.map(({ service, kind, count, p50, p95 }) => (
          <tr key={`${service} ${kind}`}>
            <th scope="row">{service}</th>
            <td>{kind}</td>
            <td>{count}</td>
            <td>{spanText(p50)}</td>
            <td>{spanText(p95)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function OneSave({ save, longest }: { readonly save: Save; readonly longest: number }) {
  const { state, kind, began, ms, failure, trace } = save
  return (
    <li class={`save ${state}`}>
      <p>
        <strong>{targetOf(save)}</strong> {kind} <span class={`outcome ${state}`}>{state}</span>{' '}
        {ms !== null && <span>{spanText(ms)}</span>} <span class="quiet">{ageOf(began, now.value)} ago</span>{' '}
        {trace && (
          <a href={`#/traces/devk/${encodeURIComponent(trace)}`} title={`The trace ${trace}`}>
            Trace
          </a>
        )}
        <span class="what">{whatOf(save)}</span>
      </p>
      {state === 'done' && (
        <svg class="waterfall" viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label={stepsText(save)}>
          {barsOf(save, longest).map(({ name, from, width }, index) => (
            <rect key={name} class={`step-${index % 5}`} x={from} y={0} width={Math.max(width, 0.3)} height={4}>
              <title>{name}</title>
            </rect>
          ))}
        </svg>
      )}
      {state === 'done' && save.steps.length > 1 && <p class="quiet">{stepsText(save)}</p>}
      {failure !== null && (
        <details open={save.id === session.value?.saves.at(-1)?.id}>
          <summary>The step {failure.step} failed</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
          <pre tabIndex={0}>{failure.text}</pre>
          {failure.hint !== null && <p>{failure.hint}</p>}
        </details>
      )}
    </li>
  )
}

function whatOf({ files, fileCount, reason }: Save): string {
  if (reason !== null) return reason
  return fileCount > files.length ? `${files.join(', ')} and ${fileCount - files.length} more` : files.join(', ')
}

function stepsText({ steps }: Save): string {
  return steps.map(({ name, ms }) => `${name} ${spanText(ms)}`).join(' · ')
}
