import { cpuText, memoryText, type Part, type Usage } from './model.ts'
import { StateMark } from './state.tsx'
import { parts } from './store.ts'

/** The presets with their state, URLs and versions, and what they cost. */
export function PresetsView() {
  const presets = parts.value.filter(({ kind }) => kind === 'preset')
  return (
    <div class="list">
      <h2>Presets</h2>
      {presets.length === 0 && (
        <p class="empty">
          The stack has no presets. <code>devk preset list</code> shows which there are.
        </p>
      )}
      {presets.length > 0 && <Table presets={presets} />}
    </div>
  )
}

function Table({ presets }: { readonly presets: readonly Part[] }) {
  const known = presets.flatMap(({ usage }) => usage ?? [])
  return (
    <table class="presets">
      <caption>What the pods of each preset request, and use now</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">State</th>
          <th scope="col" class="more">
            Version
          </th>
          <th scope="col">CPU</th>
          <th scope="col">Memory</th>
          <th scope="col" class="more">
            URL
          </th>
        </tr>
      </thead>
      <tbody>
        {presets.map((part) => (
          <Row key={part.name} part={part} />
        ))}
      </tbody>
      {known.length > 0 && (
        <tfoot>
          <tr>
            <th scope="row">All presets</th>
            <td />
            <td class="more" />
            <td class="number">{cpuText(sumOf(known, ({ requested }) => requested.cpu))}</td>
            <td class="number">{memoryText(sumOf(known, ({ requested }) => requested.memory))}</td>
            <td class="more" />
          </tr>
        </tfoot>
      )}
    </table>
  )
}

const sumOf = (all: readonly Usage[], of: (usage: Usage) => number) => all.reduce((sum, each) => sum + of(each), 0)

function Row({ part: { name, state, version, usage, urls, reason } }: { readonly part: Part }) {
  return (
    <>
      <tr>
        <th scope="row">
          <a href={`#/services/preset/${encodeURIComponent(name)}`}>{name}</a>
        </th>
        <td>
          <StateMark state={state} />
        </td>
        <td class="more wrap">{version ?? '–'}</td>
        <td class="number">
          <Cost usage={usage} text={({ cpu }) => cpuText(cpu)} />
        </td>
        <td class="number">
          <Cost usage={usage} text={({ memory }) => memoryText(memory)} />
        </td>
        <td class="more">
          {urls.map((url) => (
            <a key={url} href={url} target="_blank" rel="noreferrer">
              {url}
            </a>
          ))}
        </td>
      </tr>
      {reason !== null && (
        <tr class="reason">
          <td colSpan={6}>{reason}</td>
        </tr>
      )}
    </>
  )
}

interface CostProps {
  readonly usage: Usage | null
  readonly text: (amount: Usage['requested']) => string
}

function Cost({ usage, text }: CostProps) {
  if (usage === null) return <>–</>
  return (
    <>
      {text(usage.requested)}
      {usage.used !== null && <span class="quiet used"> {text(usage.used)} used</span>}
    </>
  )
}
