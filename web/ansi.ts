import Anser from 'anser'

/** A piece of a line with one look. */
export interface Piece {
  readonly text: string
  readonly className: string
}

/** Colours that the style sheet has; others, such as those of 256 colours, are shown as plain text. */
const named = /^ansi-(?:bright-)?(?:black|red|green|yellow|blue|magenta|cyan|white)$/

/** The pieces of a line with the colours of a terminal. The text is data: it becomes text nodes. Pure. */
export function piecesOf(line: string): Piece[] {
  return Anser.ansiToJson(line, { json: true, use_classes: true, remove_empty: true }).map((entry) => {
    const looks = [
      ...[entry.fg].filter((name) => named.test(name ?? '')),
      ...entry.decorations.map((each) => `ansi-${each}`),
    ]
    return { text: entry.content, className: looks.join(' ') }
  })
}
