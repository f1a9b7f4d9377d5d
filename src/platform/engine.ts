import type { CliContext } from '../context.ts'
import type { EngineInfo } from '../engine/image-api.ts'
import { DevkError } from '../errors.ts'
import { kernelFindings } from '../host/checks.ts'
import { engineCheck, isUsable } from '../host/engine-check.ts'
import { engineFact, newEnough } from '../host/engine-fact.ts'
import type { EngineFact } from '../host/facts.ts'
import { applyFixes } from '../host/fix.ts'
import { installEngine } from '../host/install-engine.ts'
import { readKernel } from '../host/read-facts.ts'
import { startEngine } from '../host/start-engine.ts'
import { confirm } from '../terminal/confirm.ts'

/**
 * Makes sure that a Docker engine runs that is new enough, and returns what it is. When none runs, devk asks (not with
 * --yes), then installs and starts one. It also raises kernel limits that would keep nodes from starting. Throws
 * ENGINE_UNAVAILABLE, ENGINE_TOO_OLD or HOST_UNFIT.
 */
export async function readyEngine(ctx: CliContext, say: (line: string) => void): Promise<EngineInfo> {
  const { fact: found, info } = await readEngine(ctx)
  await raiseLimits(ctx, say)
  if (info !== undefined && isUsable(found)) return info
  if (found.state !== 'silent') throw unusable(found)
  const installed = found.installed !== undefined && newEnough(found.installed)
  await agree(
    ctx,
    found,
    installed ? 'The Docker engine is not running. Start it?' : 'Install a Docker engine and start it?',
  )
  await bringUpEngine(ctx, found, say)
  const started = await readEngine(ctx)
  if (started.info !== undefined && isUsable(started.fact)) return started.info
  throw unusable(started.fact)
}

/**
 * Starts the engine of this machine without a question, and installs one first when none that is new enough is
 * installed.
 */
export async function bringUpEngine(
  ctx: CliContext,
  found: EngineFact & { readonly state: 'silent' },
  say: (line: string) => void,
): Promise<void> {
  const { runner, env, paths, signal } = ctx
  if (found.installed === undefined || !newEnough(found.installed)) {
    say('installing a Docker engine (about a minute)')
    const last = (line: string) => (ctx.verbose ? say(line) : undefined)
    await installEngine({ runner, signal, platform: process.platform, uid: userId(), say: last })
  }
  const answers = async () => (await readEngine(ctx)).fact.state === 'running'
  await startEngine({ runner, env, say, signal, answers, stateFolder: paths.state })
}

/** The state of the engine now, and what it is if it answers. */
async function readEngine({
  engine,
  runner,
  env,
  signal,
}: CliContext): Promise<{ fact: EngineFact; info?: EngineInfo }> {
  let info: EngineInfo | undefined
  const ask = async () => {
    info = await engine().images.info(signal)
    return info
  }
  const fact = await engineFact(ask, { runner, env, signal })
  return info === undefined ? { fact } : { fact, info }
}

/** The user's numeric ID; -1 on systems without them. */
export function userId(): number {
  return process.getuid?.() ?? -1
}

/**
 * Raises the kernel limits that would keep nodes from starting, when devk has the right to. `devk doctor` reports the
 * others.
 */
async function raiseLimits(ctx: CliContext, say: (line: string) => void): Promise<void> {
  if (!ctx.yes || userId() !== 0 || process.platform !== 'linux') return
  const { runner, signal } = ctx
  const found = kernelFindings(await readKernel(userId()))
  const outcomes = await applyFixes(found, {
    runner,
    root: true,
    signal,
    agree: async () => true,
    engine: async () => {},
  })
  for (const { finding, outcome, detail } of outcomes) {
    if (outcome === 'done') say(`${finding.title}: ${finding.detail}; fixed`)
    if (outcome === 'refused') say(`${finding.title}: ${finding.detail} (${detail})`)
  }
}

function unusable(engine: EngineFact): DevkError {
  const { title, detail, why, fix } = engineCheck({ engine, platform: process.platform, root: userId() === 0 })
  return new DevkError(unusableCode(engine), `${title}: ${detail}`, {
    details: [...(why === undefined ? [] : [why]), 'Nothing was changed.'],
    ...(fix === undefined ? {} : { hint: fix.explain }),
  })
}

function unusableCode(engine: EngineFact) {
  if (engine.state !== 'running' || engine.program !== 'Docker') return 'ENGINE_UNAVAILABLE'
  return newEnough(engine.version) ? 'HOST_UNFIT' : 'ENGINE_TOO_OLD'
}

async function agree(ctx: CliContext, engine: EngineFact, question: string): Promise<void> {
  if (process.platform !== 'linux' || userId() !== 0) throw unusable(engine)
  if (await confirm(ctx, question)) return
  throw new DevkError('ENGINE_UNAVAILABLE', 'devk needs a running Docker engine', {
    details: ['Nothing was changed.'],
    hint: 'Run devk up --yes to let devk install and start one.',
  })
}
