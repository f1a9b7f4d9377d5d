import { useEffect } from 'preact/hooks'
import { Choice } from './choice.tsx'
import { AnsiText, FollowButton, PatternField, PatternProblem, ServiceField } from './list-controls.tsx'
import { RowList } from './row-list.tsx'
import { now, parts, words } from './store.ts'
import { lineOf, type Row, type RowFilter } from './timeline-model.ts'
import { filter, follow, follows, missed, problem, receive, shown, total, waiting } from './timeline-store.ts'

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
      <Choice
        label="Kind"
        value={kind}
        options={kinds}
        onChange={(wanted) => {
          filter.value = { ...filter.value, kind: wanted }
        }}
      />
      <FollowButton follows={follows.value} waiting={waiting.value} follow={follow} />
      <span class="quiet counts">
        {shown.value.length} of {total.value} rows{missed.value > 0 && ` · ${missed.value} forgotten`}
      </span>
    </div>
  )
}

function Rows() {
  return (
    <RowList
      label="What happened, newest first"
      rows={shown.value}
      newAt="start"
      follows={follows.value}
      follow={follow}
      empty={total.value > 0 ? 'Nothing matches.' : 'Nothing has happened yet.'}
      draw={(row, top) => <OneRow key={row.id} row={row} top={top} />}
    />
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
