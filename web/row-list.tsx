import type { ComponentChildren, VNode } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { useVirtual } from './virtual.ts'

const rowHeight = 22
/** This near to where new rows come, in pixels, the list shows them. */
const near = 30

/**
 * The rows that can be seen at the end of a list, which is scrolled there only after they are drawn. Those that can be
 * seen before it would be drawn for nothing.
 */
function atEnd(count: number, height: number): { readonly index: number; readonly start: number }[] {
  const first = Math.max(0, count - Math.ceil(height / rowHeight) - 1)
  return Array.from({ length: count - first }, (_, at) => ({ index: first + at, start: (first + at) * rowHeight }))
}

/** A long list of rows of one height, which shows new rows until somebody scrolls away from them. */
export function RowList<Row>(props: {
  readonly label: string
  readonly rows: readonly Row[]
  readonly newAt: 'start' | 'end'
  readonly follows: boolean
  readonly follow: (follows: boolean) => void
  /** What it says without rows. */
  readonly empty: string
  /** Stays above the rows. */
  readonly head?: ComponentChildren
  /** Draws a row that is so many pixels below the start. */
  readonly draw: (row: Row, top: number) => VNode
}) {
  const { rows, follows } = props
  const box = useRef<HTMLElement>(null)
  const virtual = useVirtual({ box, count: rows.length, rowHeight })
  const height = box.current?.clientHeight ?? 0
  const shown = follows && props.newAt === 'end' && height > 0 ? atEnd(rows.length, height) : virtual.getVirtualItems()
  useLayoutEffect(() => {
    if (follows && box.current !== null) box.current.scrollTop = props.newAt === 'end' ? box.current.scrollHeight : 0
    // At the start new rows are seen without it.
  }, [props.newAt === 'end' ? rows : undefined, follows])
  const onScroll = ({ currentTarget }: { readonly currentTarget: HTMLElement }) => {
    const { scrollHeight, scrollTop, clientHeight } = currentTarget
    const away = props.newAt === 'end' ? scrollHeight - scrollTop - clientHeight : scrollTop
    if (away < near !== follows) props.follow(away < near)
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="lines" ref={box} tabIndex={0} aria-label={props.label} onScroll={onScroll}>
      {rows.length === 0 && <p class="empty">{props.empty}</p>}
      {props.head}
      <div class="sheet" style={{ height: `${virtual.getTotalSize()}px` }}>
        {shown.map(({ index, start }) => {
          const row = rows[index]
          return row === undefined ? null : props.draw(row, start)
        })}
      </div>
    </section>
  )
}
