import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { FollowButton, PatternField, PatternProblem, ServiceField } from './list-controls.tsx'
import { ColumnHeads, ColumnsButton, FieldFilters } from './log-columns.tsx'
import { fileName, jsonLinesOf, textOf } from './log-download.ts'
import { type Level, levels } from './log-lines.ts'
import { DetailRow, EntryRow } from './log-row.tsx'
import {
  clear,
  count,
  filter,
  follow,
  follows,
  hasColumns,
  missed,
  problem,
  receive,
  rows,
  shown,
  total,
  waiting,
} from './log-store.ts'
import './logs.css'
import { parts, state, words } from './store.ts'
import { useVirtual } from './virtual.ts'

const rowHeight = 22
/** This near to the end, in pixels, the list follows new lines. */
const nearEnd = 30

/** The lines of all services, those of one, or those that a pattern finds: `#/logs/SERVICE/PATTERN`. */
export function LogsView() {
  const [, service = '', pattern] = words.value
  useEffect(receive, [])
  useEffect(() => {
    filter.value = {
      ...filter.value,
      service,
      ...(pattern === undefined ? {} : { pattern, level: 'debug', fields: [] }),
    }
  }, [service, pattern])
  return (
    <>
      <Controls />
      <PatternProblem text={problem.value} />
      <FieldFilters />
      <Lines />
    </>
  )
}

function Controls() {
  const { pattern, service } = filter.value
  const services = parts.value.filter(({ kind }) => kind !== 'preset')
  return (
    <div class="bar">
      <h2>Logs</h2>
      <PatternField
        value={pattern}
        problem={problem.value}
        onChange={(wanted) => {
          filter.value = { ...filter.value, pattern: wanted }
        }}
      />
      <ServiceField view="logs" value={service} names={services.map(({ name }) => name)} />
      <LevelField />
      <ColumnsButton />
      <Downloads />
      <button type="button" onClick={clear}>
        Clear
      </button>
      <FollowButton follows={follows.value} waiting={waiting.value} follow={follow} />
      <span class="quiet counts">
        {count.value} of {total.value} lines{missed.value > 0 && ` · ${missed.value} dropped`}
      </span>
    </div>
  )
}

function LevelField() {
  return (
    <label>
      <span class="hidden">Least level</span>
      <select
        value={filter.value.level}
        onChange={({ currentTarget }) => {
          filter.value = { ...filter.value, level: currentTarget.value as Level }
        }}
      >
        {[...levels].reverse().map((each) => (
          <option key={each} value={each}>
            {each === 'debug' ? 'All levels' : each === 'error' ? 'Errors' : `${each} and above`}
          </option>
        ))}
      </select>
    </label>
  )
}

/** What the list shows, as a file. */
function Downloads() {
  const named = (ending: string) => fileName(state.value?.project ?? 'devk', new Date(), ending)
  return (
    <>
      <button type="button" onClick={() => save(named('txt'), 'text/plain', textOf(shown.value))}>
        Download text
      </button>
      <button type="button" onClick={() => save(named('jsonl'), 'application/jsonl', jsonLinesOf(shown.value))}>
        Download JSON
      </button>
    </>
  )
}

/** Has the browser save a file. */
function save(name: string, type: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

function Lines() {
  const box = useRef<HTMLElement>(null)
  const all = rows.value
  const virtual = useVirtual({ box, count: all.length, rowHeight })
  const isFollowing = follows.value
  useLayoutEffect(() => {
    if (isFollowing && box.current !== null) box.current.scrollTop = box.current.scrollHeight
  }, [all, isFollowing])
  const onScroll = ({ currentTarget }: { readonly currentTarget: HTMLElement }) => {
    const { scrollHeight, scrollTop, clientHeight } = currentTarget
    const atEnd = scrollHeight - scrollTop - clientHeight < nearEnd
    if (atEnd !== follows.value) follow(atEnd)
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="lines" ref={box} tabIndex={0} aria-label="Log lines" onScroll={onScroll}>
      {all.length === 0 && <p class="empty">No lines{total.value > 0 ? ' match' : ' yet'}.</p>}
      {hasColumns.value && <ColumnHeads />}
      <div class="sheet" style={{ height: `${virtual.getTotalSize()}px` }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = all[index]
          if (row === undefined) return null
          if ('key' in row) return <DetailRow key={row.key} detail={row} top={start} />
          return <EntryRow key={row.line.id} entry={row} top={start} />
        })}
      </div>
    </section>
  )
}
