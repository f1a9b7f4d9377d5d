import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { ActionPreview } from '../src/commands/ui/api.ts'

interface DialogProps {
  /** The ID of its heading. */
  readonly titleId: string
  readonly isOpen: boolean
  /** The user has closed it. */
  readonly onClose: () => void
  readonly children: ComponentChildren
}

/** A dialog that asks before something is done. */
export function Dialog({ titleId, isOpen, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (isOpen) dialog.current?.showModal()
    else dialog.current?.close()
  }, [isOpen])
  return (
    <dialog ref={dialog} class="action" aria-labelledby={titleId} onClose={onClose}>
      {children}
    </dialog>
  )
}

/** What will be done, and the commands that do the same. `terminal`: the title of that of devk. */
export function Effects({ preview, terminal }: { readonly preview: ActionPreview; readonly terminal: string }) {
  const { effects, command, kubectl } = preview
  return (
    <>
      <ul>
        {effects.map((effect) => (
          <li key={effect}>{effect}</li>
        ))}
      </ul>
      {command !== null && <Command title={terminal} text={command} />}
      {kubectl !== null && <Command title="With kubectl" text={kubectl} />}
    </>
  )
}

/** A command to copy. */
function Command({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <p class="command">
      <span class="quiet">{title}</span>
      <code>{text}</code>
      <button type="button" aria-label={`Copy: ${title}`} onClick={() => void navigator.clipboard.writeText(text)}>
        Copy
      </button>
    </p>
  )
}
