import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { piecesOf } from './ansi.ts'
import { type Level, levels, type ShownLine } from './log-lines.ts'
import { clear, filter, follow, follows, missed, problem, receive, shown, total, waiting } from './log-store.ts'
import { parts, words } from './store.ts'
import { useVirtual } from './virtual.ts'

const rowHeight = 22
/** This near to the end, in pixels, the list follows new lines. */
const nearEnd = 30

/** The lines of all services. */
export function LogsView() {
  const [, service = ''] = words.value
  useEffect(receive, [])
  useEffect(() => {
    filter.value = { ...filter.value, service }
  }, [service])
  return (
    <>
      <Controls />
      {problem.value !== undefined && (
        <p class="why" id="pattern-problem">
          {problem.value}
        </p>
      )}
      <Lines />
    </>
  )
}

function Controls() {
  const { pattern, service, level } = filter.value
  const services = parts.value.filter(({ kind }) => kind !== 'preset')
  return (
    <div class="bar">
      <h2>Logs</h2>
      <label>
        <span class="hidden">Filter by a regular expression</span>
        <input
          type="search"
          placeholder="Regular expression"
          value={pattern}
          aria-invalid={problem.value !== undefined}
          aria-describedby={problem.value === undefined ? undefined : 'pattern-problem'}
          onInput={({ currentTarget }) => {
            filter.value = { ...filter.value, pattern: currentTarget.value }
          }}
        />
      </label>
      <label>
        <span class="hidden">Service</span>
        <select
          value={service}
          onChange={({ currentTarget: { value } }) => {
            location.hash = value === '' ? '#/logs' : `#/logs/${encodeURIComponent(value)}`
          }}
        >
          <option value="">All services</option>
          {services.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        <span class="hidden">Least level</span>
        <select
          value={level}
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
      <button type="button" onClick={clear}>
        Clear
      </button>
      <button type="button" aria-pressed={follows.value} onClick={() => follow(!follows.value)}>
        {follows.value || waiting.value === 0 ? 'Follow' : `Follow (${waiting.value} new)`}
      </button>
      <span class="quiet counts">
        {shown.value.length} of {total.value} lines{missed.value > 0 && ` · ${missed.value} dropped`}
      </span>
    </div>
  )
}

function Lines() {
  const box = useRef<HTMLElement>(null)
  const lines = shown.value
  const virtual = useVirtual({ box, count: lines.length, rowHeight })
  const isFollowing = follows.value
  useLayoutEffect(() => {
    if (isFollowing && box.current !== null) box.current.scrollTop = box.current.scrollHeight
  }, [lines, isFollowing])
  const onScroll = ({ currentTarget }: { readonly currentTarget: HTMLElement }) => {
    const { scrollHeight, scrollTop, clientHeight } = currentTarget
    const atEnd = scrollHeight - scrollTop - clientHeight < nearEnd
    if (atEnd !== follows.value) follow(atEnd)
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="lines" ref={box} tabIndex={0} aria-label="Log lines" onScroll={onScroll}>
      {lines.length === 0 && <p class="empty">No lines{total.value > 0 ? ' match' : ' yet'}.</p>}
      <div class="sheet" style={{ height: `${virtual.getTotalSize()}px` }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const line = lines[index]
          return line === undefined ? null : <Line key={line.id} line={line} top={start} />
        })}
      </div>
    </section>
  )
}

function Line({ line, top }: { readonly line: ShownLine; readonly top: number }) {
  return (
    <div class={`row ${line.level}`} style={{ transform: `translateY(${top}px)` }}>
      <time dateTime={line.time} title={`${line.time} ${line.pod}/${line.container}`}>
        {clockOf(line.time)}
      </time>
      <span class={`who hue-${hueOf(line.service)}`} title={line.pod}>
        {line.service}
      </span>
      <span class="text">
        {piecesOf(line.text).map(({ text, className }, index) => (
          <span key={index} class={className}>
            {text}
          </span>
        ))}
      </span>
    </div>
  )
}

/** The time of day here, with milliseconds. */
function clockOf(time: string): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime())
    ? ''
    : `${date.toLocaleTimeString('en-GB')}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** One of eight colours for a name, always the same one. */
function hueOf(name: string): number {
  return [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997, 7) % 8
}
