import type { CommandFunction, NoFlags } from '../context.ts'
import { type KitItem, kitStatus } from '../kit/kit.ts'
import { table } from '../lib/table.ts'
import { bytes, duration } from '../lib/text.ts'
import { readyEngine } from '../platform/engine.ts'
import { buildWithKit, kitDeps } from '../platform/kit.ts'
import { progressOf } from '../terminal/choose-progress.ts'
import { writeJson, writeText } from '../terminal/output.ts'

/** Flags of `devk kit build`. */
export interface KitBuildFlags {
  /** Build existing images again. */
  readonly force: boolean
}

/** `devk kit status`: lists what the kit can build, and which of it exists. */
export const runKitStatus: CommandFunction<NoFlags> = async (ctx) => {
  const items = await kitStatus(await kitDeps(ctx), ctx.signal)
  if (ctx.json) {
    await writeJson(ctx.stdout, { items })
    return 0
  }
  const columns = [{ title: 'NAME' }, { title: 'STATE' }, { title: 'SIZE' }, { title: 'PROVIDES', flexible: true }]
  const rows = items.map((item) => ({
    cells: [item.name, stateOf(item), item.size === undefined ? '' : bytes(item.size), item.provides.join(' ')],
    notes: item.standIn === undefined ? [] : [item.standIn],
  }))
  await writeText(ctx.stdout, `${table(columns, rows, ctx.columns).join('\n')}\n`)
  return 0
}

function stateOf({ present, foreign, onDemand, expectedSeconds }: KitItem): string {
  if (present) return foreign ? 'not from the kit' : 'present'
  return `${onDemand ? 'on demand' : 'about'} ${duration(expectedSeconds * 1000)}`
}

/**
 * `devk kit build [name…]`: builds the given images and tools, or all that are missing. It can be interrupted and
 * repeated. Throws USAGE for an unknown name, KIT_FAILED, HOST_UNFIT, TOOL_MISSING.
 */
export const runKitBuild: CommandFunction<KitBuildFlags> = async (ctx, names, { force }) => {
  const progress = progressOf(ctx)
  const started = performance.now()
  await progress.step('Engine', async (say) => ({
    value: undefined,
    note: `docker ${(await readyEngine(ctx, say)).version}`,
  }))
  await progress.step('Kit', async (say) => {
    await buildWithKit(ctx, { ...(names.length > 0 ? { only: names } : {}), force }, say, ctx.signal)
    return { value: undefined, note: names.length > 0 ? names.join(' ') : 'complete' }
  })
  if (ctx.json) await writeJson(ctx.stdout, { built: names, ms: Math.round(performance.now() - started) })
  return 0
}
