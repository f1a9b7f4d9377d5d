import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
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
  // The browser tells of a close one frame later. Meanwhile the dialog may have been opened for the next question.
  const closedHere = useRef(false)
  // Not after the next frame: until then the dialog would be there without its content, and take the focus back.
  useLayoutEffect(() => {
    if (isOpen) dialog.current?.showModal()
    else if (dialog.current?.open) {
      closedHere.current = true
      dialog.current.close()
    }
  }, [isOpen])
  const closed = () => {
    if (!closedHere.current) onClose()
    closedHere.current = false
  }
  return (
    <dialog ref={dialog} class="action" aria-labelledby={titleId} onClose={closed}>
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
