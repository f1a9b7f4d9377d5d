import type { CliContext, CommandFunction } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { findRecord } from '../../project/open.ts'
import { askPage } from '../../session/follow.ts'
import type { PageAddress } from '../../session/state.ts'
import type { ProjectRecord } from '../../state/projects.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { sessionOf } from '../actions/session.ts'
import { openInBrowser } from '../open.ts'
import { servePage } from './page.ts'

/** Flags of `devk ui`. */
export interface UiFlags {
  readonly open: boolean
  readonly port?: number
  readonly readOnly?: boolean
}

/**
 * `devk ui`: serves the page of a stack that is up on 127.0.0.1, until Ctrl-C. A devk in the background serves it
 * itself as long as it runs, unless a port or a page to read only is asked for. It works from the record of the last
 * `devk up`. It changes only what somebody confirms on the page. Throws CLUSTER_MISSING if `up` never ran, PORT_TAKEN,
 * HOST_UNFIT, and USAGE for a port that does not exist.
 */
export const runUi: CommandFunction<UiFlags> = async (ctx, _args, { open, port, readOnly = false }) => {
  if (port !== undefined && port > 65_535)
    throw new DevkError('USAGE', `${port} is no port`, { hint: 'Ports end at 65535.' })
  const record = await recordOf(ctx)
  const show = async (page: PageAddress, until: string) => {
    await tell(ctx, { project: record.name, readOnly, until }, page)
    if (open && ctx.isTTY && !ctx.json) await openInBrowser(ctx, page.url)
  }
  const kept = port === undefined && !readOnly ? await keptPage(ctx, record) : undefined
  if (kept !== undefined) {
    await show(kept, 'devk stop')
    return 0
  }
  const page = await servePage(ctx, { record, port: port ?? 0, readOnly, signal: ctx.signal })
  await show(page, 'Ctrl-C')
  await page.done
  return 130
}

/** The page of the devk in the background, which goes on when this command ends; undefined if it serves none. */
async function keptPage(ctx: CliContext, record: ProjectRecord): Promise<PageAddress | undefined> {
  const running = await sessionOf(ctx, record)
  if (!running?.state.background) return undefined
  return askPage(running.socket, ctx.signal).catch(() => undefined)
}

/** Serves the page from within `up` or `dev`, until the signal. */
export async function pageWithin(ctx: CliContext, signal: AbortSignal): Promise<PageAddress> {
  const { url, api, token } = await servePage(ctx, { record: await recordOf(ctx), port: 0, readOnly: false, signal })
  return { url, api, token }
}

async function recordOf(ctx: CliContext): Promise<ProjectRecord> {
  const record = await findRecord(ctx)
  if (record !== undefined) return record
  throw new DevkError('CLUSTER_MISSING', `No stack is up for ${ctx.cwd}`, { hint: 'Run devk up first.' })
}

interface Told {
  readonly project: string
  readonly readOnly: boolean
  /** What ends the page. */
  readonly until: string
}

async function tell(
  ctx: CliContext,
  { project, readOnly, until }: Told,
  { url, api, token }: PageAddress,
): Promise<void> {
  if (ctx.json) return writeJson(ctx.stdout, { project, url, api, token })
  await writeText(ctx.stdout, `${url}\n`)
  const can = readOnly
    ? 'read the logs of the stack'
    : 'read the logs of the stack, restart its services and open shells'
  ctx.stderr.write(`Shows ${project} until ${until}. Who has the URL can ${can}.\n`)
}
