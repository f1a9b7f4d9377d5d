import { AnsiText } from './list-controls.tsx'
import { Cells } from './log-columns.tsx'
import { fieldFor, timeIn } from './log-fields.ts'
import { toggled } from './log-filter.ts'
import type { Entry } from './log-folds.ts'
import { fieldsIn, levelOf, originOf, traceIdOf } from './log-lines.ts'
import { type Detail, messageOf, moreOf } from './log-rows.ts'
import { filter, hasColumns, isOpen, toggle } from './log-store.ts'
import { hasTraces } from './store.ts'

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/** A line, as it is or as columns. It opens if it has fields, or is the first one of a stack trace. */
export function EntryRow({ entry, top }: { readonly entry: Entry; readonly top: number }) {
  const { line, rest } = entry
  const fields = fieldsIn(line)
  const isSplit = hasColumns.value && fields !== undefined
  const written = isSplit ? timeIn(fieldFor(fields, 'time')?.[1] ?? '') : undefined
  const trace = hasTraces.value ? traceIdOf(line) : undefined
  return (
    <div class={`row ${levelOf(line)}`} style={{ transform: `translateY(${top}px)` }}>
      {fields !== undefined || rest.length > 0 ? <OpenButton entry={entry} /> : <span class="opens" />}
      <time dateTime={line.time} title={`${line.time} ${originOf(line)}`}>
        {clockOf(written ?? new Date(line.time))}
      </time>
      <span class={`who hue-${hueOf(line.service)}`} title={line.pod ?? 'On this machine'}>
        {line.service}
      </span>
      {hasColumns.value && <Cells line={line} />}
      {trace !== undefined && (
        <a class="trace-link" href={`#/traces//${trace}`} title={`The trace ${trace}`}>
          trace
        </a>
      )}
      <AnsiText text={isSplit ? messageOf(line, fields) : line.text} />
    </div>
  )
}

function OpenButton({ entry }: { readonly entry: Entry }) {
  const { id } = entry.line
  const more = moreOf(entry)
  return (
    <button
      type="button"
      class="opens"
      aria-expanded={isOpen(id)}
      aria-label={more > 0 ? `${more} more lines` : 'Fields'}
      title={more > 0 ? `${more} more lines` : 'Fields'}
      onClick={() => toggle(id)}
    >
      {isOpen(id) ? '▾' : '▸'}
    </button>
  )
}

/** A field of an open line, whose value is a filter; or a line of its stack trace. */
export function DetailRow({ detail, top }: { readonly detail: Detail; readonly top: number }) {
  const { field, text, line } = detail
  return (
    <div class={`row detail-row ${levelOf(line)}`} style={{ transform: `translateY(${top}px)` }}>
      {field !== undefined && (
        <button
          type="button"
          class="value"
          title={`Filter by this value of ${field.name}`}
          onClick={() => {
            filter.value = toggled(filter.value, field)
          }}
        >
          {field.name || '(no name)'}
        </button>
      )}
      <AnsiText text={text} />
    </div>
  )
}

/** The time of day here, with milliseconds. */
function clockOf(date: Date): string {
  return Number.isNaN(date.getTime()) ? '' : `${clock.format(date)}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** One of eight colours for a name, always the same one. */
function hueOf(name: string): number {
  return [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997, 7) % 8
}
