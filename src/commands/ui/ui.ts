import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { join } from 'node:path'
import type { CliContext, CommandFunction } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { listen } from '../../forward/listen.ts'
import { portOwners } from '../../host/port-owner.ts'
import { findRecord, openProject } from '../../project/open.ts'
import type { ProjectRecord } from '../../state/projects.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { type PageServer, pageServer } from '../../ui/server.ts'
import { openInBrowser } from '../open.ts'
import { readStatus } from '../status/status.ts'
import { readTop } from '../top/top.ts'
import type { UiState } from './api.ts'
import { recordedOf } from './changes.ts'
import { logFeed } from './log-feed.ts'
import { observe, type Sources } from './observe.ts'
import { routes } from './routes.ts'

/** Flags of `devk ui`. */
export interface UiFlags {
  readonly open: boolean
  readonly port?: number
}

/**
 * `devk ui`: serves the page of a stack that is up on 127.0.0.1, until Ctrl-C. It works from the record of the last
 * `devk up` and changes nothing. Throws CLUSTER_MISSING if `up` never ran, PORT_TAKEN, HOST_UNFIT, and USAGE for a port
 * that does not exist.
 */
export const runUi: CommandFunction<UiFlags> = async (ctx, _args, { open, port = 0 }) => {
  if (port > 65_535) throw new DevkError('USAGE', `${port} is no port`, { hint: 'Ports end at 65535.' })
  const record = await findRecord(ctx)
  if (record === undefined) {
    throw new DevkError('CLUSTER_MISSING', `No stack is up for ${ctx.cwd}`, { hint: 'Run devk up first.' })
  }
  const stop = new AbortController()
  const signal = AbortSignal.any([ctx.signal, stop.signal])
  const observed = observe(firstState(record, ctx), sourcesOf(ctx, record.name), signal)
  try {
    const logs = logFeed(observed.project, signal)
    const api = routes({ observed, logs, run: randomBytes(4).toString('hex'), signal })
    const page = await pageServer({ folder: join(ctx.packageRoot, 'dist/web'), api })
    const portOwner = portOwners(ctx.runner, process.platform)
    await listen(page.server, { name: 'devk ui', who: 'The page of devk ui', localPort: port, portOwner })
    await tell(ctx, record.name, page)
    if (open && ctx.isTTY && !ctx.json) await openInBrowser(ctx, page.address().url)
    await served(page.server, signal)
  } finally {
    // What observes must not outlive a server that could not start.
    stop.abort()
    await observed.done
  }
  return 130
}

async function tell(ctx: CliContext, project: string, { address }: PageServer): Promise<void> {
  const { url, ...forPrograms } = address()
  if (ctx.json) return writeJson(ctx.stdout, { project, url, ...forPrograms })
  await writeText(ctx.stdout, `${url}\n`)
  ctx.stderr.write(`Shows ${project} until Ctrl-C. Who has the URL can read the logs of the stack.\n`)
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
function sourcesOf(ctx: CliContext, project: string): Sources {
  const of = { ...ctx, project }
  return {
    // After `down` there is no such project any more.
    record: () => findRecord(of).catch(() => undefined),
    open: (signal) => openProject({ ...of, signal }),
    status: readStatus,
    usage: (open, signal) => readTop(open, [], signal).catch(withoutMetrics),
    now: ctx.clock,
  }
}

/** Nothing in the cluster measures, or not yet. */
function withoutMetrics(error: unknown): null {
  if (error instanceof DevkError && (error.code === 'TOOL_MISSING' || error.code === 'NOT_READY')) return null
  throw error
}
