import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { UiColours, UiReleases } from '../src/commands/ui/api.ts'
import { ask, ended } from './actions.tsx'
import { SearchField } from './list-controls.tsx'
import { ageOf, shortImage } from './model.ts'
import { actionKey, now, parts, state, words } from './store.ts'

type ServiceHistory = NonNullable<UiReleases['history']>['services'][number]

const releases = signal<UiReleases | undefined>(undefined)
const filter = signal('')

/** The revisions of each service, and the way back to one. */
export function ReleasesView() {
  const [, name = ''] = words.value
  const deployed = JSON.stringify(state.value?.report?.services.map(({ name, image, note }) => [name, image, note]))
  // Another image, or an action that has ended, may have made another revision.
  useEffect(() => void read(), [deployed, ended.value, state.value?.cluster.state])
  useEffect(() => {
    filter.value = name
  }, [name])
  const { history, problem, colours = [] } = releases.value ?? {}
  const wanted = filter.value.toLowerCase()
  const shown = history?.services.filter(({ service }) => service.toLowerCase().includes(wanted)) ?? []
  return (
    <div class="list">
      <div class="bar">
        <h2>Releases</h2>
        <SearchField
          label="Filter by name"
          value={filter.value}
          onChange={(text) => {
            filter.value = text
          }}
        />
        <button type="button" onClick={() => void read()}>
          Read again
        </button>
      </div>
      {releases.value === undefined && <p class="empty">Reading the revisions …</p>}
      {problem != null && <p class="why">{problem}</p>}
      {colours.map((each) => (
        <Colours key={`${each.service} ${each.label}`} {...each} />
      ))}
      {history != null && shown.length === 0 && <p class="empty">No service matches “{filter.value}”.</p>}
      {shown.map((each) => (
        <History key={`${each.service} ${each.workload}`} history={each} />
      ))}
    </div>
  )
}

async function read(): Promise<void> {
  const response = await fetch('api/v1/releases').catch(() => undefined)
  if (response?.ok) releases.value = await response.json()
  else releases.value = { history: null, colours: [], ...releases.value, problem: 'devk ui does not answer.' }
}

/** The versions between which a Service can be switched. */
function Colours({ service, label, current, colours }: UiColours) {
  return (
    <>
      <h3>Service {service}</h3>
      <p class="bar">
        <span>
          It selects {label}: <strong>{current}</strong>
        </span>
        {actionKey.value !== null &&
          colours
            .filter((colour) => colour !== current)
            .map((colour) => (
              <button
                key={colour}
                type="button"
                onClick={() => void ask({ action: 'switch', name: service, to: colour })}
              >
                Switch to {colour} …
              </button>
            ))}
      </p>
    </>
  )
}

function History({ history: { service, workload, revisions } }: { readonly history: ServiceHistory }) {
  const note = parts.value.find(({ kind, name }) => kind === 'service' && name === service)?.note
  return (
    <>
      <h3>
        <a href={`#/services/service/${encodeURIComponent(service)}`}>{service}</a> {workload}
      </h3>
      {note != null && <p class="note">{note}</p>}
      {revisions.length === 0 && <p class="quiet">The cluster keeps no revisions of it.</p>}
      {revisions.length > 0 && (
        <table>
          <caption class="hidden">Revisions of {service}</caption>
          <thead>
            <tr>
              <th scope="col">Revision</th>
              <th scope="col">Age</th>
              <th scope="col">Image</th>
              <th scope="col" class="more">
                Note
              </th>
              {actionKey.value !== null && <th scope="col">Action</th>}
            </tr>
          </thead>
          <tbody>
            {revisions.map((revision) => (
              <Revision key={revision.revision} service={service} revision={revision} />
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}

interface RevisionProps {
  readonly service: string
  readonly revision: ServiceHistory['revisions'][number]
}

function Revision({ service, revision: { revision, current, since, images, cause } }: RevisionProps) {
  return (
    <tr class={current ? 'chosen' : ''}>
      <th scope="row">
        {revision}
        {current && ' (current)'}
      </th>
      <td class="number">{ageOf(since, now.value)}</td>
      <td class="code" title={images.join(', ')}>
        {images.map(shortImage).join(', ')}
      </td>
      <td class="more wrap">{cause ?? ''}</td>
      {actionKey.value !== null && (
        <td>
          {!current && (
            <button
              type="button"
              aria-label={`Roll back ${service} to revision ${revision}`}
              onClick={() => void ask({ action: 'rollback', name: service, to: revision })}
            >
              Roll back …
            </button>
          )}
        </td>
      )}
    </tr>
  )
}
