import { cut, padTo, widthOf } from './wrap.ts'

/** One column: its heading, and whether a narrow screen may shorten it (`flexible`) or leave it out (`optional`). */
export interface Column {
  readonly title: string
  readonly flexible?: boolean
  readonly optional?: boolean
}

/** The cells of a row, and the lines to show under it, such as why a service is not ready. */
export interface Row {
  readonly cells: readonly string[]
  readonly notes?: readonly string[]
}

/**
 * Lines of a table with headings, at most `width` characters wide where possible. If the table is too wide, optional
 * columns go first, from the right; then flexible columns shrink. `paint` may colour a cell: it is called with the
 * padded text, the row and the column.
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
    width: Math.max(widthOf(column.title), ...rows.map((row) => widthOf(row.cells[index] ?? ''))),
  }))
  const total = () => shown.reduce((sum, column) => sum + column.width, 0) + 2 * Math.max(0, shown.length - 1)
  let shown = all.filter((column) => rows.length === 0 || rows.some((row) => (row.cells[column.index] ?? '') !== ''))
  for (const column of shown.filter((each) => each.optional).reverse()) {
    if (total() > width) shown = shown.filter((each) => each !== column)
  }
  for (const column of shown.filter((each) => each.flexible)) {
    column.width = Math.max(6, widthOf(column.title), column.width - Math.max(0, total() - width))
  }
  const line = (cells: readonly string[], row: number) =>
    shown
      .map((column, place) => {
        const text = cut(cells[column.index] ?? '', column.width)
        const padded = place === shown.length - 1 ? text : padTo(text, column.width)
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
