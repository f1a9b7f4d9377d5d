import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { AnsiText, FollowButton, PatternField, PatternProblem, ServiceField } from './list-controls.tsx'
import { type Level, levels, type ShownLine, traceIdOf } from './log-lines.ts'
import { clear, filter, follow, follows, missed, problem, receive, shown, total, waiting } from './log-store.ts'
import { hasTraces, parts, words } from './store.ts'
import { useVirtual } from './virtual.ts'

const rowHeight = 22
/** This near to the end, in pixels, the list follows new lines. */
const nearEnd = 30

/** The lines of all services, those of one, or those that a pattern finds: `#/logs/SERVICE/PATTERN`. */
export function LogsView() {
  const [, service = '', pattern] = words.value
  useEffect(receive, [])
  useEffect(() => {
    filter.value = { ...filter.value, service, ...(pattern === undefined ? {} : { pattern, level: 'debug' }) }
  }, [service, pattern])
  return (
    <>
      <Controls />
      <PatternProblem text={problem.value} />
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
      <PatternField
        value={pattern}
        problem={problem.value}
        onChange={(wanted) => {
          filter.value = { ...filter.value, pattern: wanted }
        }}
      />
      <ServiceField view="logs" value={service} names={services.map(({ name }) => name)} />
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
      <FollowButton follows={follows.value} waiting={waiting.value} follow={follow} />
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
  const trace = hasTraces.value ? traceIdOf(line.text) : undefined
  return (
    <div class={`row ${line.level}`} style={{ transform: `translateY(${top}px)` }}>
      <time dateTime={line.time} title={`${line.time} ${line.pod}/${line.container}`}>
        {clockOf(line.time)}
      </time>
      <span class={`who hue-${hueOf(line.service)}`} title={line.pod}>
        {line.service}
      </span>
      {trace !== undefined && (
        <a class="trace-link" href={`#/traces//${trace}`} title={`The trace ${trace}`}>
          trace
        </a>
      )}
      <AnsiText text={line.text} />
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
