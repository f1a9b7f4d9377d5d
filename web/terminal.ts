import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import { styleByScript } from './terminal-styles.ts'

/** What a terminal tells. */
export interface TerminalEvents {
  /** What the user types or pastes. */
  onInput(bytes: Uint8Array<ArrayBuffer>): void
  onSize(columns: number, rows: number): void
  /** The user wants to leave the terminal with the keyboard. */
  onLeave(): void
}

/** A terminal in the page. */
export interface ShownTerminal {
  readonly columns: number
  readonly rows: number
  /** Shows what a container has written, which is data. Calls `shown` when it is on the screen. */
  write(bytes: Uint8Array, shown: () => void): void
  /** Fits the terminal into its element. */
  fit(): void
  focus(): void
  /** Takes no more input. */
  freeze(): void
  dispose(): void
}

const dark = {
  background: '#101216',
  foreground: '#e8eaee',
  cursor: '#e8eaee',
  selectionBackground: '#4a5468',
}
/** Lines above the screen that are kept. */
const scrollback = 5000
/**
 * What a container can ask of a terminal beyond text and colours, by the number of its sequence (OSC): the title, the
 * name of an icon, the folder, links, notifications, the clipboard, and those of editors. All of it is dropped.
 */
const refused = [0, 1, 2, 7, 8, 9, 52, 99, 133, 633, 777, 1337]

/** Starts a terminal in an element of the page. Loaded when the first shell is opened. */
export function startTerminal(element: HTMLElement, label: string, events: TerminalEvents): ShownTerminal {
  styleByScript(document)
  const terminal = new Terminal({
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mono'),
    fontSize: 13,
    minimumContrastRatio: 4.5,
    scrollback,
    theme: dark,
    // Its rows are read by screen readers, in place of the drawn ones.
    screenReaderMode: true,
    linkHandler: { activate() {} },
  })
  for (const number of refused) terminal.parser.registerOscHandler(number, () => true)
  const fit = new FitAddon()
  terminal.loadAddon(fit)
  terminal.open(element)
  terminal.textarea?.setAttribute('aria-label', `${label}. Shift and F6 leave it.`)
  const encoder = new TextEncoder()
  terminal.onData((text) => events.onInput(encoder.encode(text)))
  // Each character is a byte, such as of the place of the mouse in old encodings.
  terminal.onBinary((text) => events.onInput(Uint8Array.from(text, (character) => character.charCodeAt(0))))
  terminal.onResize(({ cols, rows }) => events.onSize(cols, rows))
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.key !== 'F6' || !event.shiftKey) return true
    if (event.type === 'keydown') {
      event.preventDefault()
      events.onLeave()
    }
    return false
  })
  const sized = new ResizeObserver(() => fit.fit())
  sized.observe(element)
  return {
    get columns() {
      return terminal.cols
    },
    get rows() {
      return terminal.rows
    },
    write: (bytes, shown) => terminal.write(bytes, shown),
    fit: () => fit.fit(),
    focus: () => terminal.focus(),
    freeze() {
      terminal.options.disableStdin = true
    },
    dispose() {
      sized.disconnect()
      terminal.dispose()
    },
  }
}
