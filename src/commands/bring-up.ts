import type { CliContext } from '../cli/context.ts'
import { parseDuration } from '../lib/duration.ts'
import { renderManifests } from '../manifests/render.ts'
import { scaled } from '../manifests/scale/scale.ts'
import { ingressWarnings } from '../presets/ingress-lint.ts'
import { withoutAddress } from '../stack/balancers.ts'
import { acquireLock } from '../state/lock.ts'
import { statePaths } from '../state/paths.ts'
import { readProject, writeProject } from '../state/projects.ts'
import { proveUrls } from './answers.ts'
import { projectCertifier, trustHints } from './certificates.ts'
import { type Converge, type ConvergeOptions, converger } from './converge.ts'
import { requireFitBefore } from './fit.ts'
import { live } from './live.ts'
import { loadProject } from './load.ts'
import { write, writeJson } from './output.ts'
import { readyPlatform } from './platform.ts'
import { besidePresets, presetRecords, requireAll } from './presets-beside.ts'
import { deployedRecord, plannedRecord } from './record.ts'
import { selectUnits } from './selection.ts'
import { progressOf } from './steps.ts'
import { addresses, summaryText } from './summary.ts'

export interface BringUpOptions {
  /** As the lock tells it to others. */
  readonly command: string
  /** Services to care for; none: all. */
  readonly services: readonly string[]
  readonly profile: string | undefined
  readonly overlay: string | undefined
  /** Milliseconds; undefined: the configuration's. */
  readonly timeout: number | undefined
  /** Stay when all is ready: forward, tail and, with `watch`, sync. */
  readonly stays: boolean
  readonly watch: boolean
  /** A preset that is not ready is a failure. */
  readonly strict: boolean
  /** Also deletes the data of presets that are no longer wanted. */
  readonly pruneData: boolean
  /** Refuse what could never start on the nodes. */
  readonly fit: boolean
}

/** Converges everything, prints the URLs, and stays if asked to. Gives the exit code. */
export async function bringUp(ctx: CliContext, options: BringUpOptions): Promise<number> {
  const began = performance.now()
  const { command, profile, overlay, stays, watch, fit } = options
  const { config, chosen } = await loadProject(ctx, { profile, overlay })
  const only = selectUnits(config, options.services)
  const paths = statePaths(ctx.env)
  const lock = await acquireLock({
    path: paths.project(config.name).lock,
    command,
    pid: process.pid,
    signal: ctx.signal,
  })
  try {
    const planned = plannedRecord(config, profile)
    const before = await readProject(paths, config.name)
    // Before anything is made, so that down finds it after any crash; what an earlier up found out stays.
    await writeProject(paths, {
      ...planned,
      ...before,
      root: config.root,
      configFile: config.file,
    })
    const progress = progressOf(ctx)
    const hostPorts = chosen.flatMap((preset) => preset.hostPorts)
    const platform = await readyPlatform(ctx, config, progress, hostPorts, async (facts) => {
      if (fit) await requireFitBefore(ctx, config, { ...facts, only, presets: chosen })
    })
    const since = ctx.clock()
    const timeoutMs = options.timeout ?? parseDuration(config.timeout) ?? 600_000
    const certifier = projectCertifier(ctx, chosen, true)
    const convergeOptions = { config, platform, timeoutMs, only, fit, certifier }
    const converge = converger(ctx, { ...convergeOptions, hooks: progress.hooks })
    const hadPresets = options.pruneData || (before?.presets.length ?? 0) > 0
    const { kubectl } = platform.tools
    // With the hosts and names that the rules of `scale` give them.
    const project = async (signal: AbortSignal) => {
      const written = await renderManifests(config, { runner: ctx.runner, kubectl }, signal)
      return scaled(written, config.scale, { externals: new Map(), storage: undefined }).objects
    }
    const { pruneData } = options
    const presets = {
      config,
      platform,
      chosen,
      project,
      issuer: certifier?.issuer,
      timeoutMs,
      pruneData,
      hooks: progress.presets,
    }
    const { stack, outcomes, removed } = await progress.stack(
      () => besidePresets(presets, hadPresets, () => converge.all(ctx.signal), ctx.signal),
      chosen.map(({ name }) => name),
    )
    const { desired } = stack
    const told = presetRecords(chosen, outcomes, platform.ports)
    const record = await deployedRecord(planned, config, platform, desired, ctx.signal)
    await writeProject(paths, { ...record, presets: told })
    if (options.strict) requireAll(outcomes)
    const changes = stack.changes + removed + outcomes.reduce((sum, outcome) => sum + outcome.changes, 0)
    const objects = desired.objects.map(({ object }) => object)
    const ingress = told.find(({ name }) => name === 'ingress')
    const warnings = [
      ...(ingress === undefined ? [] : ingressWarnings(objects, ingress.version)),
      ...stack.notes,
      ...(await withoutAddress(platform.kube, config.name, config.cluster.provider, ctx.signal)),
    ]
    const hints = certifier === undefined ? [] : trustHints(ctx, objects, platform.ports)
    const urls = addresses(config, told, stays ? desired.forwards : undefined)
    // A preset that does not answer is no reason to fail.
    await proveUrls(addresses(config, [], undefined), ctx.signal)
    const tell = async () => {
      const services = Object.keys(config.services).length
      const externals = Object.keys(config.externals).length
      const ms = performance.now() - began
      const summary = { services, presets: told, externals, changes, ms, addresses: urls, warnings, hints }
      if (ctx.json) await writeJson(ctx.stdout, { project: config.name, ...summary })
      else await write(ctx.stderr, summaryText(summary, ctx.color))
    }
    if (!stays) {
      await tell()
      return 0
    }
    const ready = new Set(outcomes.filter(({ state }) => state === 'ready').map(({ name }) => name))
    const running = chosen.filter(({ name }) => ready.has(name))
    const staying = {
      config,
      platform,
      desired,
      presets: running,
      converge: quietly(ctx, convergeOptions),
      since,
      watch,
    }
    return await live(ctx, { ...staying, onReady: tell })
  } finally {
    await lock.release()
  }
}

/** The loop reports by itself: a converger without a progress display. */
function quietly(ctx: CliContext, options: Omit<ConvergeOptions, 'hooks'>): Converge {
  return converger(ctx, { ...options, hooks: { image: (_owner, run) => run(() => {}), onEvent: () => {} } })
}
