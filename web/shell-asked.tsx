import { signal } from '@preact/signals'
import type { UiShellChoice, UiShellPreview } from '../src/commands/ui/api.ts'
import { send } from './actions.tsx'
import { Dialog, Effects } from './dialog.tsx'
import type { Part } from './model.ts'
import { openShell } from './shell-store.ts'
import { actionKey } from './store.ts'

interface Place {
  readonly service: string
  readonly pod: string
}

/** A pod whose shell waits for a yes. */
interface Asked {
  readonly place: Place
  readonly preview?: UiShellPreview
  readonly container?: string | undefined
}

const asked = signal<Asked | undefined>(undefined)

/** The button that opens a shell in a pod; nothing in a page that only reads. */
export function ShellButton({ part, pod }: { readonly part: Part; readonly pod: string }) {
  if (actionKey.value === null || (part.kind !== 'service' && part.kind !== 'external')) return null
  return (
    <button type="button" aria-label={`Open a shell in ${pod}`} onClick={() => void ask({ service: part.name, pod })}>
      Open a shell …
    </button>
  )
}

async function ask(place: Place): Promise<void> {
  asked.value = { place }
  const preview = await send<UiShellPreview>('shell-preview', place)
  // It may have been closed meanwhile.
  if (asked.value?.place !== place) return
  asked.value = { place, preview, container: preview.ok ? preview.choices[0]?.container : undefined }
}

/** Says what a shell will be, before it is opened. */
export function ShellDialog() {
  const current = asked.value
  const close = () => {
    asked.value = undefined
  }
  const choices = current?.preview?.ok ? current.preview.choices : []
  const chosen = choices.find(({ container }) => container === current?.container)
  const open = ({ container }: UiShellChoice) => {
    if (current === undefined) return
    close()
    void openShell({ ...current.place, container })
  }
  return (
    <Dialog titleId="shell-title" isOpen={current !== undefined} onClose={close}>
      {current !== undefined && (
        <>
          <h2 id="shell-title">Open a shell in {current.place.pod}</h2>
          {current.preview === undefined && <p class="quiet">Looking which containers run …</p>}
          {current.preview?.ok === false && (
            <div role="status">
              <p class="outcome failed">{current.preview.text}</p>
              {current.preview.hint !== null && <p>{current.preview.hint}</p>}
            </div>
          )}
          {choices.length > 1 && <Containers choices={choices} asked={current} />}
          {chosen !== undefined && <Effects preview={chosen} terminal="In a terminal, in the newest ready pod" />}
          <div class="bar">
            {chosen !== undefined && (
              <button type="button" class="primary" onClick={() => open(chosen)}>
                Open
              </button>
            )}
            <button type="button" onClick={close}>
              Cancel
            </button>
          </div>
        </>
      )}
    </Dialog>
  )
}

function Containers({
  choices,
  asked: current,
}: {
  readonly choices: readonly UiShellChoice[]
  readonly asked: Asked
}) {
  return (
    <label>
      Container{' '}
      <select
        value={current.container}
        onChange={({ currentTarget }) => {
          asked.value = { ...current, container: currentTarget.value }
        }}
      >
        {choices.map(({ container }) => (
          <option key={container}>{container}</option>
        ))}
      </select>
    </label>
  )
}
