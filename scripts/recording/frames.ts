import xterm, { type IBufferCell, type Terminal } from '@xterm/headless'

/** What the program wrote, and when (ms since it started). */
export interface Chunk {
  readonly at: number
  readonly data: string
}

/** Characters of a row with the same look. */
export interface Run {
  readonly text: string
  /** Index into the 16 colours of a terminal; undefined for its default. */
  readonly color: number | undefined
  readonly bold: boolean
  readonly dim: boolean
}

/** What the screen showed from `at` (ms) on. */
export interface Frame {
  readonly at: number
  readonly rows: readonly (readonly Run[])[]
}

/** Size of the screen, in characters. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

/** The screens that these chunks made. A screen that stood for less than `shortest` ms is left out, except the last. */
export async function framesOf(chunks: readonly Chunk[], size: Size, shortest: number): Promise<Frame[]> {
  const terminal = new xterm.Terminal({ cols: size.columns, rows: size.rows, allowProposedApi: true })
  const frames: Frame[] = []
  let last = ''
  for (const [index, { at, data }] of chunks.entries()) {
    await new Promise<void>((resolve) => terminal.write(data, resolve))
    const next = chunks[index + 1]?.at ?? Number.POSITIVE_INFINITY
    if (next - at < shortest && at - (frames.at(-1)?.at ?? -shortest) < shortest) continue
    const rows = Array.from({ length: size.rows }, (_, row) => runsOf(terminal, row))
    const text = JSON.stringify(rows)
    if (text !== last) frames.push({ at, rows })
    last = text
  }
  terminal.dispose()
  return frames
}

function runsOf(terminal: Terminal, row: number): Run[] {
  const { active } = terminal.buffer
  const line = active.getLine(active.viewportY + row)
  const runs: Run[] = []
  for (let column = 0; column < terminal.cols; column += 1) {
    const cell = line?.getCell(column)
    if (cell === undefined || cell.getWidth() === 0) continue
    const look = lookOf(cell)
    const text = cell.getChars() || ' '
    const before = runs.at(-1)
    if (before !== undefined && isSame(before, look)) runs[runs.length - 1] = { ...before, text: before.text + text }
    else runs.push({ text, ...look })
  }
  const end = runs.at(-1)
  if (end !== undefined) runs[runs.length - 1] = { ...end, text: end.text.trimEnd() }
  return runs.filter(({ text }) => text !== '')
}

type Look = Omit<Run, 'text'>

const isSame = (a: Look, b: Look) => a.color === b.color && a.bold === b.bold && a.dim === b.dim

function lookOf(cell: IBufferCell): Look {
  return {
    color: cell.isFgPalette() ? cell.getFgColor() : undefined,
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
  }
}

/** How long the recording plays. */
export interface Pace {
  /** From the start to this frame (ms), everything plays `factor` times as fast. */
  readonly fastUntil: number
  readonly factor: number
  /** No screen stands longer (ms). */
  readonly longest: number
  /** How long the last screen stands (ms). */
  readonly end: number
}

/** How long each frame is shown (ms). */
export function paced(frames: readonly Frame[], { fastUntil, factor, longest, end }: Pace): number[] {
  return frames.map(({ at }, index) => {
    const next = frames[index + 1]?.at
    if (next === undefined) return end
    return Math.min(longest, (next - at) / (at < fastUntil ? factor : 1))
  })
}
