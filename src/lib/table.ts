import { cut } from './wrap.ts'

/** One column: its heading, and whether it may be shortened (`flexible`) or left out (`optional`) where the screen is narrow. */
export interface Column {
  readonly title: string
  readonly flexible?: boolean
  readonly optional?: boolean
}

/** A row's cells, and lines that belong under it (why it is not ready). */
export interface Row {
  readonly cells: readonly string[]
  readonly notes?: readonly string[]
}

/**
 * Lays rows out under their headings in at most `width` columns of text: first the optional columns go, from the right,
 * then the flexible ones shrink. `paint` may colour a cell; it gets the padded text, the row and the column.
 */
export function table(
  columns: readonly Column[],
  rows: readonly Row[],
  width: number,
  paint: (text: string, row: number, column: number) => string = (text) => text,
): string[] {
  const all = columns.map((column, index) => ({
    ...column,
    index,
    width: Math.max(column.title.length, ...rows.map((row) => (row.cells[index] ?? '').length)),
  }))
  const total = () => shown.reduce((sum, column) => sum + column.width, 0) + 2 * Math.max(0, shown.length - 1)
  let shown = all.filter((column) => rows.length === 0 || rows.some((row) => (row.cells[column.index] ?? '') !== ''))
  for (const column of shown.filter((each) => each.optional).reverse()) {
    if (total() > width) shown = shown.filter((each) => each !== column)
  }
  for (const column of shown.filter((each) => each.flexible)) {
    column.width = Math.max(6, column.title.length, column.width - Math.max(0, total() - width))
  }
  const line = (cells: readonly string[], row: number) =>
    shown
      .map((column, place) => {
        const text = cut(cells[column.index] ?? '', column.width)
        const padded = place === shown.length - 1 ? text : text.padEnd(column.width)
        return row < 0 ? padded : paint(padded, row, column.index)
      })
      .join('  ')
      .trimEnd()
  const noteIndent = ' '.repeat((shown[0]?.width ?? 0) + 2)
  return [
    line(
      columns.map((column) => column.title),
      -1,
    ),
    ...rows.flatMap((row, index) => [
      line(row.cells, index),
      ...(row.notes ?? []).map((note) => noteIndent + cut(note, Math.max(20, width - noteIndent.length))),
    ]),
  ]
}
