import { useEffect } from 'preact/hooks'
import { Choice } from './choice.tsx'
import { FollowButton, PatternField, PatternProblem, ServiceField } from './list-controls.tsx'
import { ColumnHeads, ColumnsButton, FieldFilters } from './log-columns.tsx'
import { fileName, jsonLinesOf, textOf } from './log-download.ts'
import { levels } from './log-lines.ts'
import { DetailRow, EntryRow } from './log-row.tsx'
import type { Row } from './log-rows.ts'
import {
  clear,
  count,
  filter,
  follow,
  follows,
  forgotten,
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
import { RowList } from './row-list.tsx'
import { parts, state, words } from './store.ts'

const levelOptions = [...levels]
  .reverse()
  .map((each) => [each, each === 'debug' ? 'All levels' : each === 'error' ? 'Errors' : `${each} and above`] as const)

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
        {count.value} of {total.value} lines{forgotten.value > 0 && ` · ${forgotten.value} older not kept`}
        {missed.value > 0 && ` · ${missed.value} dropped`}
      </span>
    </div>
  )
}

function LevelField() {
  return (
    <Choice
      label="Least level"
      value={filter.value.level}
      options={levelOptions}
      onChange={(level) => {
        filter.value = { ...filter.value, level }
      }}
    />
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
  return (
    <RowList<Row>
      label="Log lines"
      rows={rows.value}
      newAt="end"
      follows={follows.value}
      follow={follow}
      empty={total.value > 0 ? 'No lines match.' : 'No lines yet.'}
      head={hasColumns.value && <ColumnHeads />}
      draw={(row, top) =>
        'key' in row ? (
          <DetailRow key={row.key} detail={row} top={top} />
        ) : (
          <EntryRow key={row.line.id} entry={row} top={top} />
        )
      }
    />
  )
}
