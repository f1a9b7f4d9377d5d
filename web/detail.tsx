import { useEffect } from 'preact/hooks'
import { Actions } from './actions.tsx'
import { Changes } from './changes.tsx'
import { besideText } from './metrics-model.ts'
import { ageOf, cpuText, memoryText, type Part } from './model.ts'
import { ShellButton } from './shell-asked.tsx'
import { StateMark } from './state.tsx'
import { changes, hasRates, hasTraces, now, parts } from './store.ts'

/** Everything about one part. */
export function Detail({ part }: { readonly part: Part }) {
  useEffect(() => {
    const close = ({ key }: KeyboardEvent) => {
      // In a dialog the key closes the dialog.
      if (key === 'Escape' && document.querySelector('dialog[open]') === null) location.hash = '#/services'
    }
    addEventListener('keydown', close)
    return () => removeEventListener('keydown', close)
  }, [])
  const own = changes.value.filter(({ kind, name }) => kind === part.kind && name === part.name).slice(0, 8)
  return (
    <section class="detail" aria-labelledby="detail-title">
      <div class="bar">
        <h2 id="detail-title">{part.name}</h2>
        <a class="close" href="#/services" aria-label="Close details">
          ✕
        </a>
      </div>
      <p>
        <StateMark state={part.state} />
        {part.since !== null && <span class="quiet"> for {ageOf(part.since, now.value)}</span>}
      </p>
      {part.reason !== null && <p class="why">{part.reason}</p>}
      {part.note !== null && <p class="note">{part.note}</p>}
      <Actions part={part} />
      <Facts part={part} />
      <Pods part={part} />
      <Changes changes={own} ofOne />
    </section>
  )
}

function Facts({ part }: { readonly part: Part }) {
  const { usage } = part
  return (
    <dl>
      {part.urls.map((url) => (
        <Fact key={url} title="URL">
          <a href={url} target="_blank" rel="noreferrer">
            {url}
          </a>
        </Fact>
      ))}
      {part.kind !== 'preset' && (
        <Fact title="Logs">
          <a href={`#/logs/${encodeURIComponent(part.name)}`}>Lines of {part.name}</a>
        </Fact>
      )}
      <Fact title="Timeline">
        <a href={`#/timeline/${encodeURIComponent(part.name)}`}>What happened to {part.name}</a>
      </Fact>
      {part.kind === 'service' && hasTraces.value && (
        <Fact title="Traces">
          <a href={`#/traces/${encodeURIComponent(part.name)}`}>Requests to {part.name}</a>
        </Fact>
      )}
      {part.kind === 'service' && hasRates.value && (
        <Fact title="Metrics">
          <a href={`#/explore/${encodeURIComponent(part.name)}`}>What {part.name} measures</a>
        </Fact>
      )}
      {part.kind === 'service' && (
        <Fact title="Releases">
          <a href={`#/releases/${encodeURIComponent(part.name)}`}>Revisions of {part.name}</a>
        </Fact>
      )}
      {part.kind === 'service' && (
        <Fact title="Production">
          <a href={`#/production/${encodeURIComponent(part.name)}`}>What differs here</a>
        </Fact>
      )}
      {part.workload !== null && <Fact title="Workload">{part.workload}</Fact>}
      {part.version !== null && <Fact title="Version">{part.version}</Fact>}
      {part.image !== null && (
        <Fact title="Image">
          <code>{part.image}</code>
        </Fact>
      )}
      {part.dependsOn.length > 0 && (
        <Fact title="Needs">
          {part.dependsOn.map((name, index) => (
            <span key={name}>
              {index > 0 && ', '}
              <PartLink name={name} />
            </span>
          ))}
        </Fact>
      )}
      {usage?.used != null && (
        <>
          <Fact title="CPU">
            <a href={`#/metrics/${encodeURIComponent(part.name)}`}>{cpuText(usage.used.cpu)} used</a>,{' '}
            {besideText(usage, 'cpu')}
          </Fact>
          <Fact title="Memory">
            {memoryText(usage.used.memory)} used, {besideText(usage, 'memory')}
          </Fact>
        </>
      )}
    </dl>
  )
}

function Fact({ title, children }: { readonly title: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function PartLink({ name }: { readonly name: string }) {
  const part = parts.value.find((each) => each.name === name)
  if (part === undefined) return <>{name}</>
  return <a href={`#/services/${part.kind}/${encodeURIComponent(name)}`}>{name}</a>
}

function Pods({ part }: { readonly part: Part }) {
  if (part.pods.length === 0) return null
  return (
    <>
      <h3>Pods</h3>
      <ul class="pods">
        {part.pods.map((pod) => (
          <li key={pod.name}>
            <code>{pod.name}</code>
            <span class="quiet">
              {pod.ready ? ' ready' : ' not ready'}
              {pod.restarts > 0 && ` · ${pod.restarts} restarts`}
            </span>
            <ShellButton part={part} pod={pod.name} />
            {pod.reason !== null && !part.reason?.includes(pod.reason) && <p class="why">{pod.reason}</p>}
          </li>
        ))}
      </ul>
    </>
  )
}
