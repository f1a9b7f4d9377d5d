import type { CliContext, CommandFunction, NoFlags } from '../context.ts'
import { DevkError } from '../errors.ts'
import { nearest } from '../lib/text.ts'
import { abortable } from '../lib/wait.ts'
import { findRecord } from '../project/open.ts'
import type { ProjectRecord } from '../state/projects.ts'
import { writeJson, writeText } from '../terminal/output.ts'

/**
 * `devk open NAME`: prints the URL of a service or preset, and on a terminal opens it in the browser. Throws what
 * `urlOf` throws.
 */
export const runOpen: CommandFunction<NoFlags> = async (ctx, [name = '']) => {
  const record = await findRecord(ctx)
  if (record === undefined) {
    throw new DevkError('CLUSTER_MISSING', `No stack is up for ${ctx.cwd}`, { hint: 'Run devk up first.' })
  }
  const url = urlOf(record, name)
  if (ctx.json) await writeJson(ctx.stdout, { name, url })
  else await writeText(ctx.stdout, `${url}\n`)
  if (ctx.isTTY && !ctx.json) await openInBrowser(ctx, url)
  return 0
}

/** Opens a URL in the default browser. Does nothing if there is no desktop. */
export async function openInBrowser(
  { runner, env, signal }: Pick<CliContext, 'runner' | 'env' | 'signal'>,
  url: string,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  for (const program of openers(platform, env)) {
    // Some openers end only with the browser, which must not end with devk.
    const run = await abortable(runner.run(program, [url], { outlives: true }), signal).catch(() => undefined)
    if (run?.exitCode !== notFound) return
  }
}

/**
 * The URL of a service or preset, as the last `up` recorded it. Throws USAGE if it has none, listing the names that
 * have one. Pure.
 */
export function urlOf(record: Pick<ProjectRecord, 'name' | 'services' | 'presets'>, name: string): string {
  const urls = new Map<string, string>()
  for (const service of record.services) if (service.url !== undefined) urls.set(service.name, service.url)
  for (const preset of record.presets) {
    for (const each of preset.urls) if (!urls.has(each.name)) urls.set(each.name, each.url)
    const [first] = preset.urls
    if (first !== undefined && !urls.has(preset.name)) urls.set(preset.name, first.url)
  }
  const url = urls.get(name)
  if (url !== undefined) return url
  const lost = record.presets.find((preset) => preset.name === name && preset.state === 'unavailable')
  if (lost !== undefined) {
    throw new DevkError('USAGE', `${name} is unavailable: ${lost.reason}`, lost.get === null ? {} : { hint: lost.get })
  }
  const near = nearest(name, urls.keys())
  const known = [...urls.keys()].join(', ')
  const all = urls.size === 0 ? `No service or preset of ${record.name} has a URL.` : `Names with a URL: ${known}.`
  throw new DevkError('USAGE', `"${name}" has no URL`, { hint: near === undefined ? all : `Did you mean "${near}"?` })
}

/** What a run of a missing program gives as exit code. */
const notFound = 127

/** Programs that open a URL, the first one first that should. In WSL the browser is one of Windows. Pure. */
function openers(platform: NodeJS.Platform, env: CliContext['env']): readonly string[] {
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') return ['explorer']
  return env.WSL_DISTRO_NAME === undefined ? ['xdg-open'] : ['wslview', 'explorer.exe', 'xdg-open']
}
