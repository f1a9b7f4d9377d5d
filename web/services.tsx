import { signal } from '@preact/signals'
import { Jobs } from './actions.tsx'
import { Detail } from './detail.tsx'
import { SearchField } from './list-controls.tsx'
import { ageOf, cpuText, type Kind, kinds, memoryText, type Part, shortImage } from './model.ts'
import { StateMark } from './state.tsx'
import { now, parts, words } from './store.ts'

const filter = signal('')
const titles: Readonly<Record<Kind, string>> = {
  service: 'Services',
  local: 'Programs of this machine',
  external: 'Externals',
  preset: 'Presets',
}

/** All parts as tables, and the details of one. */
export function ServicesView() {
  const [, kind, name] = words.value
  const chosen = parts.value.find((part) => part.kind === kind && part.name === name)
  const wanted = filter.value.toLowerCase()
  const shown = parts.value.filter((part) => part.name.toLowerCase().includes(wanted) || part.state.includes(wanted))
  return (
    <div class={chosen === undefined ? 'split' : 'split open'}>
      <div class="list">
        <div class="bar">
          <h2>Services</h2>
          <SearchField
            label="Filter by name or state"
            value={filter.value}
            onChange={(text) => {
              filter.value = text
            }}
          />
        </div>
        {kinds.map((each) => (
          <Table key={each} title={titles[each]} rows={shown.filter((part) => part.kind === each)} chosen={chosen} />
        ))}
        <Jobs wanted={wanted} />
        {parts.value.length > 0 && shown.length === 0 && <p class="empty">Nothing matches “{filter.value}”.</p>}
      </div>
      {chosen !== undefined && <Detail part={chosen} />}
    </div>
  )
}

interface TableProps {
  readonly title: string
  readonly rows: readonly Part[]
  readonly chosen: Part | undefined
}

function Table({ title, rows, chosen }: TableProps) {
  if (rows.length === 0) return null
  return (
    <table>
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">State</th>
          <th scope="col">Pods</th>
          <th scope="col" class="more">
            Restarts
          </th>
          <th scope="col" class="more">
            CPU
          </th>
          <th scope="col" class="more">
            Memory
          </th>
          <th scope="col" class="most">
            Image
          </th>
          <th scope="col" class="more">
            Since
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((part) => (
          <Row key={part.name} part={part} isChosen={part === chosen} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ part, isChosen }: { readonly part: Part; readonly isChosen: boolean }) {
  const used = part.usage?.used
  return (
    <>
      <tr class={isChosen ? 'chosen' : ''}>
        <th scope="row">
          <a href={`#/services/${part.kind}/${encodeURIComponent(part.name)}`}>{part.name}</a>
        </th>
        <td>
          <StateMark state={part.state} />
        </td>
        <td class="number">
          {part.pods.length === 0 ? '–' : `${part.pods.filter(({ ready }) => ready).length}/${part.pods.length}`}
        </td>
        <td class="number more">{part.restarts}</td>
        <td class="number more">{used == null ? '–' : cpuText(used.cpu)}</td>
        <td class="number more">{used == null ? '–' : memoryText(used.memory)}</td>
        <td class="most code">{part.image === null ? '–' : shortImage(part.image)}</td>
        <td class="number more">{part.since === null ? '–' : ageOf(part.since, now.value)}</td>
      </tr>
      {part.reason !== null && (
        <tr class="reason">
          <td colSpan={8}>{part.reason}</td>
        </tr>
      )}
    </>
  )
}
