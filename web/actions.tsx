import { signal } from '@preact/signals'
import type { ActionRequest, UiOutcome, UiPreview } from '../src/commands/ui/api.ts'
import './actions.css'
import { Dialog, Effects } from './dialog.tsx'
import type { Part } from './model.ts'
import { actionKey, session, state } from './store.ts'

/** An action that waits for a yes, runs, or has ended. */
interface Asked {
  readonly request: ActionRequest
  readonly preview?: UiPreview
  readonly runs?: boolean
  readonly outcome?: UiOutcome
}

const asked = signal<Asked | undefined>(undefined)
/** How many actions have ended. */
export const ended = signal(0)
const titles: Readonly<Record<ActionRequest['action'], string>> = {
  restart: 'Restart',
  stop: 'Stop',
  start: 'Start',
  rebuild: 'Rebuild',
  rollback: 'Roll back',
  run: 'Run',
  trigger: 'Send saves',
  pause: 'Pause',
  resume: 'Resume',
  promote: 'Promote',
  switch: 'Switch',
}

/** The actions of a service, each of which says first what it will do. */
export function Actions({ part }: { readonly part: Part }) {
  if (actionKey.value === null || part.kind !== 'service') return null
  const { name } = part
  const workload = part.workload ?? ''
  const { watched = [], waiting = [] } = session.value ?? {}
  const kinds: ActionRequest['action'][] = /^(cron)?job\//i.test(workload)
    ? ['run']
    : [
        ...(part.state === 'stopped' ? (['start'] as const) : (['restart', 'stop'] as const)),
        ...(watched.includes(name) ? (['rebuild'] as const) : []),
        ...(waiting.some(({ service }) => service === name) ? (['trigger'] as const) : []),
        ...(/^rollout\//i.test(workload) ? (['promote'] as const) : []),
        'rollback',
      ]
  return (
    <div class="actions">
      {kinds.map((action) => (
        <button key={action} type="button" onClick={() => void ask({ action, name })}>
          {titles[action]} …
        </button>
      ))}
    </div>
  )
}

/** The jobs of the configuration with this text in their names; nothing where there are none. */
export function Jobs({ wanted }: { readonly wanted: string }) {
  const jobs = (state.value?.recorded.jobs ?? []).filter(({ name }) => name.toLowerCase().includes(wanted))
  if (jobs.length === 0) return null
  return (
    <table>
      <caption>Jobs</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Runs</th>
          {actionKey.value !== null && <th scope="col">Action</th>}
        </tr>
      </thead>
      <tbody>
        {jobs.map(({ name, service, local }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              {local
                ? 'on this machine'
                : `in the cluster, with ${service === null ? 'an image of its own' : `the image of ${service}`}`}
            </td>
            {actionKey.value !== null && (
              <td>
                <button type="button" aria-label={`Run ${name}`} onClick={() => void ask({ action: 'run', name })}>
                  Run …
                </button>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Sends a question or an action to devk. Never rejects. */
export async function send<T>(
  path: string,
  request: ActionRequest | object,
): Promise<T | Extract<UiPreview, { ok: false }>> {
  try {
    const headers = { 'content-type': 'application/json', 'x-devk-key': actionKey.value ?? '' }
    const response = await fetch(`api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(request) })
    if (response.ok) return (await response.json()) as T
    return { ok: false, text: await response.text(), hint: null }
  } catch {
    return { ok: false, text: 'devk ui does not answer.', hint: null }
  }
}

/** Asks devk what an action would do, and the user whether to do it. */
export async function ask(request: ActionRequest): Promise<void> {
  asked.value = { request }
  const preview = await send<UiPreview>('preview', request)
  // It may have been closed meanwhile.
  if (asked.value?.request === request) asked.value = { request, preview }
}

async function confirm(): Promise<void> {
  const { request, preview } = asked.value ?? {}
  if (request === undefined || preview === undefined) return
  asked.value = { request, preview, runs: true }
  const outcome = await send<UiOutcome>('actions', request)
  ended.value += 1
  if (asked.value?.request === request) asked.value = { request, preview, outcome }
}

/** Asks before an action, and shows how it ended. */
export function ActionDialog() {
  const current = asked.value
  const close = () => {
    asked.value = undefined
  }
  return (
    <Dialog titleId="action-title" isOpen={current !== undefined} onClose={close}>
      {current !== undefined && (
        <>
          <h2 id="action-title">
            {titles[current.request.action]} {current.request.name}
          </h2>
          <Body asked={current} />
          <div class="bar">
            {current.preview?.ok && current.outcome === undefined && (
              <button type="button" class="primary" disabled={current.runs} onClick={() => void confirm()}>
                {current.runs ? 'Running …' : titles[current.request.action]}
              </button>
            )}
            <button type="button" onClick={close}>
              {current.outcome === undefined && !current.runs ? 'Cancel' : 'Close'}
            </button>
          </div>
        </>
      )}
    </Dialog>
  )
}

function Body({ asked: { preview, runs, outcome } }: { readonly asked: Asked }) {
  if (outcome !== undefined) return <Outcome outcome={outcome} />
  if (preview === undefined) return <p class="quiet">Looking what it would do …</p>
  if (!preview.ok) return <Outcome outcome={preview} />
  return (
    <>
      <Effects preview={preview} terminal="In a terminal" />
      {runs && <p role="status">It runs. You can close this; it goes on.</p>}
    </>
  )
}

function Outcome({ outcome: { ok, text, hint } }: { readonly outcome: UiOutcome }) {
  return (
    <div role="status">
      <p class={ok ? 'outcome done' : 'outcome failed'}>{ok ? 'Done' : 'It failed'}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <pre tabIndex={0}>{text}</pre>
      {hint !== null && <p>{hint}</p>}
    </div>
  )
}
