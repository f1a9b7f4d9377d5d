import { ActionDialog } from './actions.tsx'
import { DashboardsView } from './dashboards.tsx'
import { DifferenceView } from './difference.tsx'
import { DoctorView } from './doctor.tsx'
import { ExploreView } from './explore.tsx'
import { LogsView } from './logs.tsx'
import { MetricsView } from './metrics.tsx'
import { ageOf, summaryOf } from './model.ts'
import { PlanView } from './plan.tsx'
import { PresetsView } from './presets.tsx'
import { ReleasesView } from './releases.tsx'
import { SavesView } from './saves.tsx'
import { ServicesView } from './services.tsx'
import { ShellDialog } from './shell-asked.tsx'
import { shells } from './shell-store.ts'
import { ShellsView } from './shells.tsx'
import { link, now, parts, session, state, theme, words } from './store.ts'
import { TimelineView } from './timeline.tsx'
import { TopologyView } from './topology.tsx'
import { TracesView } from './traces.tsx'

const views = [
  { path: 'topology', title: 'Topology' },
  { path: 'services', title: 'Services' },
  { path: 'logs', title: 'Logs' },
  { path: 'traces', title: 'Traces' },
  { path: 'saves', title: 'Saves' },
  { path: 'metrics', title: 'Metrics' },
  { path: 'dashboards', title: 'Dashboards' },
  { path: 'explore', title: 'Explore' },
  { path: 'timeline', title: 'Timeline' },
  { path: 'plan', title: 'Plan' },
  { path: 'production', title: 'Production' },
  { path: 'releases', title: 'Releases' },
  { path: 'presets', title: 'Presets' },
  { path: 'doctor', title: 'Doctor' },
  { path: 'shells', title: 'Shells' },
] as const

/** Whether a view is in the list. That of the shells is there as long as one is open. */
const isListed = ({ path }: (typeof views)[number]) => path !== 'shells' || shells.value.length > 0

/** The whole page. */
export function App() {
  const view = views.find(({ path }) => path === words.value[0])?.path ?? 'topology'
  const project = state.value?.project
  document.title = project === undefined ? 'devk' : `${project} · devk`
  document.documentElement.dataset.theme = theme.value
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to content
      </button>
      <header>
        <h1>
          <span class="brand">devk</span> {project}
        </h1>
        <ClusterBadge />
        <ThemeChoice />
        <nav aria-label="Views">
          {views.filter(isListed).map(({ path, title }) => (
            <a key={path} href={`#/${path}`} aria-current={path === view ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
      </header>
      <Banner />
      <main id="main" tabIndex={-1} class={view}>
        {view === 'topology' && <TopologyView />}
        {view === 'services' && <ServicesView />}
        {view === 'logs' && <LogsView />}
        {view === 'traces' && <TracesView />}
        {view === 'saves' && <SavesView />}
        {view === 'metrics' && <MetricsView />}
        {view === 'dashboards' && <DashboardsView />}
        {view === 'explore' && <ExploreView />}
        {view === 'timeline' && <TimelineView />}
        {view === 'plan' && <PlanView />}
        {view === 'production' && <DifferenceView />}
        {view === 'releases' && <ReleasesView />}
        {view === 'presets' && <PresetsView />}
        {view === 'doctor' && <DoctorView />}
        {view === 'shells' && <ShellsView />}
      </main>
      <ActionDialog />
      <ShellDialog />
    </>
  )
}

function ClusterBadge() {
  const { cluster, report } = state.value ?? {}
  if (cluster === undefined) return <p class="cluster">connecting …</p>
  const nodes = report?.cluster.nodes ?? []
  const ready = nodes.filter((node) => node.ready).length
  return (
    <p class="cluster">
      <span class={`dot ${cluster.state}`} aria-hidden="true" /> {cluster.name}
      {nodes.length > 0 && <span class="quiet"> · {`${ready}/${nodes.length} nodes`}</span>}
      <span class="quiet"> · {summaryOf(parts.value)}</span>
      {session.value !== null && <span class="quiet"> · {session.value.command} runs</span>}
    </p>
  )
}

/** What stands in the way of what the page shows. */
function Banner() {
  const { cluster, report } = state.value ?? {}
  const lost = link.value
  const texts = [
    ...(lost.open
      ? []
      : [
          `devk ui has not answered for ${ageOf(lost.since, now.value)}. Run it again and open the URL that it prints.`,
        ]),
    ...(lost.open && cluster?.state === 'away'
      ? [`The cluster has been away for ${ageOf(cluster.since, now.value)}. ${cluster.reason ?? ''}`]
      : []),
    ...(session.value?.failure ? [`The stack is not up: ${session.value.failure.text}`] : []),
    ...(report?.warnings ?? []),
  ]
  return (
    <div role="status">
      {texts.map((text) => (
        <p key={text} class="banner">
          {text}
        </p>
      ))}
    </div>
  )
}

function ThemeChoice() {
  return (
    <label class="theme">
      <span class="hidden">Colours</span>
      <select
        value={theme.value}
        onChange={({ currentTarget }) => {
          theme.value = currentTarget.value
          localStorage.setItem('devk-theme', theme.value)
        }}
      >
        <option value="system">System</option>
        <option value="light">Light</option>
        <option value="dark">Dark</option>
      </select>
    </label>
  )
}
