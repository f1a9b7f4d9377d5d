import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { join } from 'node:path'
import type { CliContext } from '../../context.ts'
import { listen } from '../../forward/listen.ts'
import { portOwners } from '../../host/port-owner.ts'
import { type Cell, cell } from '../../logs/view.ts'
import { findRecord, openProject } from '../../project/open.ts'
import { followSession } from '../../session/follow.ts'
import { sessionSocket } from '../../session/socket.ts'
import type { SessionEntries, SessionState } from '../../session/state.ts'
import type { ProjectRecord } from '../../state/projects.ts'
import { type PageServer, pageServer } from '../../ui/server.ts'
import { readStatus } from '../status/status.ts'
import type { UiPlan, UiState } from './api.ts'
import { recordedOf } from './changes.ts'
import { changingRoutes } from './changing-routes.ts'
import { examiner } from './examined.ts'
import { logFeed } from './log-feed.ts'
import { type Observed, observe, type Sources } from './observe.ts'
import { releasesReader } from './releases.ts'
import { routes } from './routes.ts'
import { shellRoutes, shellSockets } from './shells.ts'
import { telemetry } from './telemetry.ts'
import { type Timeline, timeline } from './timeline.ts'
import { type UsageFeed, usageFeed } from './usage.ts'

/** A page that is served. */
export interface ServedPage extends ReturnType<PageServer['address']> {
  /** Resolves when the server has ended, which it does with the signal. */
  readonly done: Promise<void>
}

/** Which stack to serve, and where. */
export interface PageOptions {
  readonly record: ProjectRecord
  /** Port on 127.0.0.1; 0 for a free one. */
  readonly port: number
  /** Show only, change nothing. */
  readonly readOnly: boolean
  readonly signal: AbortSignal
}

/**
 * Serves the page of a stack until the signal: what the cluster tells, and what the devk that holds the stack tells if
 * one runs. Throws PORT_TAKEN.
 */
export async function servePage(ctx: CliContext, { record, port, readOnly, signal }: PageOptions): Promise<ServedPage> {
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const usage = usageFeed(ctx.clock)
  const observed = observe(firstState(record, ctx), sourcesOf(ctx, record.name, usage), either)
  try {
    const socket = sessionSocket(ctx.paths.project(record.name).folder)
    const logs = logFeed({ project: observed.project, socket }, either)
    const happened = timeline(observed.project, either)
    const session = followedSession({ socket, observed, happened, signal: either })
    const releases = releasesReader(observed.project, either)
    const known = telemetry(observed, ctx.clock, either)
    const run = randomBytes(4).toString('hex')
    const acting = { ...ctx, project: record.name, configFile: record.configFile, signal: either }
    const reads = { releases, telemetry: known, doctor: examiner(acting) }
    const api = routes({ observed, logs, happened, usage, session, run, signal: either, ...reads })
    const changes = readOnly ? undefined : { ...changingRoutes(acting, plan), ...shellRoutes(acting) }
    const sockets = readOnly ? undefined : shellSockets(acting)
    const page = await pageServer({ folder: join(ctx.packageRoot, 'dist/web'), api, changes, sockets })
    const portOwner = portOwners(ctx.runner, process.platform)
    await listen(page.server, { name: 'devk ui', who: 'The page of devk ui', localPort: port, portOwner })
    return { ...page.address(), done: served(page.server, signal).then(() => observed.done) }
  } catch (error) {
    // What observes must not outlive a server that could not start.
    stop.abort()
    await observed.done
    throw error
  }
}

interface Followed {
  readonly socket: string
  readonly observed: Observed
  readonly happened: Timeline
  readonly signal: AbortSignal
}

/** The session of the devk that holds the stack. */
function followedSession(followed: Followed): Cell<SessionState | null> {
  const { socket, observed, happened, signal } = followed
  const session = cell<SessionState | null>(null)
  const reader = {
    state(state: SessionState | undefined) {
      session.set(state ?? null)
      observed.rings.ring()
    },
    entries: ({ entries }: SessionEntries) => happened.add(entries),
  }
  void followSession(socket, reader, signal)
  return session
}

/** Resolves when the server has ended, which it does with the signal. */
function served(server: Server, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    server.once('close', resolve)
    // For example when file descriptors run out. The server goes on when some are free again.
    server.on('error', () => {})
    const end = () => {
      server.close()
      server.closeAllConnections()
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end)
  })
}

function firstState(record: ProjectRecord, { version, clock }: Pick<CliContext, 'version' | 'clock'>): UiState {
  const { name, provider, context } = record.cluster
  const since = new Date(clock()).toISOString()
  return {
    project: record.name,
    devk: version,
    cluster: { name, provider, context, state: 'connecting', since, reason: null },
    recorded: recordedOf(record),
    report: null,
    usage: null,
  }
}

/** All commands afterwards are about this project, also when another one comes up in the same folder. */
function sourcesOf(ctx: CliContext, project: string, usage: UsageFeed): Sources {
  const of = { ...ctx, project }
  return {
    // After `down` there is no such project any more.
    record: () => findRecord(of).catch(() => undefined),
    open: (signal) => openProject({ ...of, signal }),
    status: readStatus,
    usage: usage.read,
    now: ctx.clock,
  }
}

/** Loaded only when it is asked for: it needs most of what `up` needs. */
async function plan(ctx: CliContext): Promise<UiPlan> {
  const { planned } = await import('./planned.ts')
  return planned(ctx)
}
