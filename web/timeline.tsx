import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { AnsiText, FollowButton, PatternField, PatternProblem, ServiceField } from './list-controls.tsx'
import { now, parts, words } from './store.ts'
import { lineOf, type Row, type RowFilter } from './timeline-model.ts'
import { filter, follow, follows, missed, problem, receive, shown, total, waiting } from './timeline-store.ts'
import { useVirtual } from './virtual.ts'

const rowHeight = 22
/** This near to its beginning, in pixels, the list shows new rows. */
const nearTop = 30
const kinds: readonly (readonly [RowFilter['kind'], string])[] = [
  ['', 'All kinds'],
  ['devk', 'What devk did'],
  ['state', 'Changes of state'],
  ['kubernetes', 'Events of Kubernetes'],
  ['warning', 'Warnings and failures'],
]
const sources = { devk: 'devk', state: 'state', kubernetes: 'event' } as const

/** Everything that happened, newest first. */
export function TimelineView() {
  const [, name = ''] = words.value
  useEffect(receive, [])
  useEffect(() => {
    filter.value = { ...filter.value, name }
  }, [name])
  return (
    <>
      <Controls />
      <PatternProblem text={problem.value} />
      <Rows />
    </>
  )
}

function Controls() {
  const { pattern, name, kind } = filter.value
  return (
    <div class="bar">
      <h2>Timeline</h2>
      <PatternField
        value={pattern}
        problem={problem.value}
        onChange={(wanted) => {
          filter.value = { ...filter.value, pattern: wanted }
        }}
      />
      <ServiceField view="timeline" value={name} names={[...new Set(parts.value.map((part) => part.name))]} />
      <label>
        <span class="hidden">Kind</span>
        <select
          value={kind}
          onChange={({ currentTarget }) => {
            filter.value = { ...filter.value, kind: currentTarget.value as RowFilter['kind'] }
          }}
        >
          {kinds.map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <FollowButton follows={follows.value} waiting={waiting.value} follow={follow} />
      <span class="quiet counts">
        {shown.value.length} of {total.value} rows{missed.value > 0 && ` · ${missed.value} forgotten`}
      </span>
    </div>
  )
}

function Rows() {
  const box = useRef<HTMLElement>(null)
  const rows = shown.value
  const virtual = useVirtual({ box, count: rows.length, rowHeight })
  const isFollowing = follows.value
  useLayoutEffect(() => {
    if (isFollowing && box.current !== null) box.current.scrollTop = 0
  }, [isFollowing])
  const onScroll = ({ currentTarget }: { readonly currentTarget: HTMLElement }) => {
    const atTop = currentTarget.scrollTop < nearTop
    if (atTop !== follows.value) follow(atTop)
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="lines" ref={box} tabIndex={0} aria-label="What happened, newest first" onScroll={onScroll}>
      {rows.length === 0 && <p class="empty">Nothing {total.value > 0 ? 'matches' : 'has happened yet'}.</p>}
      <div class="sheet" style={{ height: `${virtual.getTotalSize()}px` }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]
          return row === undefined ? null : <OneRow key={row.id} row={row} top={start} />
        })}
      </div>
    </section>
  )
}

function OneRow({ row, top }: { readonly row: Row; readonly top: number }) {
  return (
    <div class={`row ${row.warning ? 'error' : ''}`} style={{ transform: `translateY(${top}px)` }}>
      <time dateTime={row.time} title={row.time}>
        {clockOf(row.time)}
      </time>
      <span class="source">{sources[row.source]}</span>
      <span class="who" title={row.names.join(', ')}>
        {row.names.join(', ') || '–'}
      </span>
      {row.warning && <span class="hidden">warning: </span>}
      <AnsiText text={lineOf(row)} />
    </div>
  )
}

/** The time of day here, with the date if it is not today. */
function clockOf(time: string): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return '–'
  const isToday = date.toDateString() === new Date(now.value).toDateString()
  const day = isToday ? '' : `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} `
  return `${day}${date.toLocaleTimeString('en-GB')}`
}
