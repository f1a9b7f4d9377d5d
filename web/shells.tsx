import { useEffect, useRef } from 'preact/hooks'
import './shells.css'
import { chosenShell, closeShell, focusShell, type Shell, shells, tabId } from './shell-store.ts'

/** The shells of this page, one of them shown. */
export function ShellsView() {
  const all = shells.value
  const chosen = all.find(({ id }) => id === chosenShell.value) ?? all.at(-1)
  return (
    <>
      <h2>Shells</h2>
      {chosen === undefined ? (
        <p class="empty">No shell is open. The details of a service have a button for each of its pods.</p>
      ) : (
        <>
          <Tabs all={all} chosen={chosen} />
          <Panel key={chosen.id} shell={chosen} />
        </>
      )}
    </>
  )
}

function Tabs({ all, chosen }: { readonly all: readonly Shell[]; readonly chosen: Shell }) {
  const step = ({ key }: KeyboardEvent) => {
    const by = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0
    const next = all[(all.indexOf(chosen) + by + all.length) % all.length]
    if (by === 0 || next === undefined) return
    chosenShell.value = next.id
    document.getElementById(tabId(next.id))?.focus()
  }
  return (
    <div class="shell-tabs" role="tablist" aria-label="Shells">
      {all.map((shell) => (
        <button
          key={shell.id}
          id={tabId(shell.id)}
          type="button"
          role="tab"
          aria-selected={shell === chosen}
          aria-controls={shell === chosen ? 'shell-panel' : undefined}
          tabIndex={shell === chosen ? 0 : -1}
          onClick={() => {
            chosenShell.value = shell.id
          }}
          onKeyDown={step}
        >
          {shell.id}: {shell.service} / {shell.container}
          {shell.end !== undefined && ' (ended)'}
        </button>
      ))}
    </div>
  )
}

function Panel({ shell: { id, pod, container, element, end } }: { readonly shell: Shell }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    place.current?.append(element)
    focusShell(id)
    return () => element.remove()
  }, [id, element])
  return (
    <section id="shell-panel" role="tabpanel" aria-labelledby={tabId(id)}>
      <div class="bar">
        <p>
          Container <code>{container}</code> of pod <code>{pod}</code>.{' '}
          <span class="quiet">Shift and F6 leave the terminal.</span>
        </p>
        <button type="button" onClick={() => closeShell(id)}>
          {end === undefined ? 'End this shell' : 'Close'}
        </button>
      </div>
      <div role="status">
        {end !== undefined && (
          <>
            <p class="shell-end">{end.text}</p>
            {end.hint !== null && <p>{end.hint}</p>}
          </>
        )}
      </div>
      <div ref={place} class="shell-place" />
    </section>
  )
}
