import type { CliContext, CommandFunction } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { findRecord } from '../../project/open.ts'
import type { ProjectRecord } from '../../state/projects.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { openInBrowser } from '../open.ts'
import { type ServedPage, servePage } from './page.ts'

/** Flags of `devk ui`. */
export interface UiFlags {
  readonly open: boolean
  readonly port?: number
  readonly readOnly?: boolean
}

/**
 * `devk ui`: serves the page of a stack that is up on 127.0.0.1, until Ctrl-C. It works from the record of the last
 * `devk up`. It changes only what somebody confirms on the page. Throws CLUSTER_MISSING if `up` never ran, PORT_TAKEN,
 * HOST_UNFIT, and USAGE for a port that does not exist.
 */
export const runUi: CommandFunction<UiFlags> = async (ctx, _args, { open, port = 0, readOnly = false }) => {
  if (port > 65_535) throw new DevkError('USAGE', `${port} is no port`, { hint: 'Ports end at 65535.' })
  const record = await recordOf(ctx)
  const page = await servePage(ctx, { record, port, readOnly, signal: ctx.signal })
  await tell(ctx, { project: record.name, readOnly }, page)
  if (open && ctx.isTTY && !ctx.json) await openInBrowser(ctx, page.url)
  await page.done
  return 130
}

/** Serves the page from within `up` or `dev`, until the signal. Returns its URL. */
export async function pageWithin(ctx: CliContext, signal: AbortSignal): Promise<string> {
  const { url } = await servePage(ctx, { record: await recordOf(ctx), port: 0, readOnly: false, signal })
  return url
}

async function recordOf(ctx: CliContext): Promise<ProjectRecord> {
  const record = await findRecord(ctx)
  if (record !== undefined) return record
  throw new DevkError('CLUSTER_MISSING', `No stack is up for ${ctx.cwd}`, { hint: 'Run devk up first.' })
}

interface Told {
  readonly project: string
  readonly readOnly: boolean
}

async function tell(ctx: CliContext, { project, readOnly }: Told, { url, api, token }: ServedPage): Promise<void> {
  if (ctx.json) return writeJson(ctx.stdout, { project, url, api, token })
  await writeText(ctx.stdout, `${url}\n`)
  const can = readOnly ? 'read the logs of the stack' : 'read the logs of the stack, and restart its services'
  ctx.stderr.write(`Shows ${project} until Ctrl-C. Who has the URL can ${can}.\n`)
}
