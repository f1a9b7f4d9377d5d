import { signal } from '@preact/signals'
import type { TerminalEnd } from '../src/commands/ui/api.ts'
import { endText, piecesOfInput } from './shell-model.ts'
import { actionKey } from './store.ts'
import type { ShownTerminal } from './terminal.ts'

/** A shell of this page. It goes on while another view is shown. */
export interface Shell {
  readonly id: number
  readonly service: string
  readonly pod: string
  readonly container: string
  /** Its terminal, which the view shows. */
  readonly element: HTMLElement
  /** undefined while it runs. */
  readonly end?: ReturnType<typeof endText>
}

/** The shells of this page, oldest first. */
export const shells = signal<readonly Shell[]>([])
/** The one that is shown. */
export const chosenShell = signal<number | undefined>(undefined)

interface Running {
  terminal?: ShownTerminal
  socket?: WebSocket
}
const running = new Map<number, Running>()
let lastId = 0

/** Opens a shell in a container, and shows it. */
export async function openShell(place: Pick<Shell, 'service' | 'pod' | 'container'>): Promise<void> {
  lastId += 1
  const id = lastId
  const element = document.createElement('div')
  element.className = 'terminal'
  running.set(id, {})
  shells.value = [...shells.value, { ...place, id, element }]
  chosenShell.value = id
  location.hash = '#/shells'
  const { startTerminal } = await import('./terminal.ts')
  const own = running.get(id)
  // It may have been closed meanwhile.
  if (own === undefined) return
  const early: Parameters<WebSocket['send']>[0][] = []
  const send = (data: string | Uint8Array<ArrayBuffer>) => {
    if (own.socket?.readyState === WebSocket.OPEN) own.socket.send(data)
    else early.push(data)
  }
  const terminal = startTerminal(element, `Shell in ${place.container} of ${place.pod}`, {
    onInput: (bytes) => piecesOfInput(bytes).forEach(send),
    onSize: (columns, rows) => send(JSON.stringify({ columns, rows })),
    onLeave: () => document.getElementById(tabId(id))?.focus(),
  })
  own.terminal = terminal
  terminal.fit()
  terminal.focus()
  const { columns, rows } = terminal
  const query = new URLSearchParams({ ...place, columns: String(columns), rows: String(rows) })
  const socket = new WebSocket(
    new URL(`api/v1/shell?${query}`, location.href.replace(/^http/, 'ws').replace(/#.*/, '')),
    ['devk.terminal.v1', `devk-key.${actionKey.value}`],
  )
  own.socket = socket
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('open', () => {
    for (const data of early.splice(0)) socket.send(data)
  })
  let end: TerminalEnd | undefined
  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') end = JSON.parse(data) as TerminalEnd
    else terminal.write(new Uint8Array(data), () => send(JSON.stringify({ shown: data.byteLength })))
  })
  socket.addEventListener('close', () => {
    terminal.freeze()
    shells.value = shells.value.map((each) => (each.id === id ? { ...each, end: endText(end) } : each))
  })
}

/** Ends a shell and takes it away. */
export function closeShell(id: number): void {
  const { terminal, socket } = running.get(id) ?? {}
  running.delete(id)
  socket?.close()
  terminal?.dispose()
  const rest = shells.value.filter((each) => each.id !== id)
  shells.value = rest
  if (chosenShell.value === id) chosenShell.value = rest.at(-1)?.id
}

/** Gives a shell the keyboard. */
export function focusShell(id: number): void {
  running.get(id)?.terminal?.focus()
}

/** The ID of the tab of a shell. */
export const tabId = (id: number) => `shell-tab-${id}`
