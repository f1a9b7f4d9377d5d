import type { CliContext } from '../context.ts'
import { DevkError } from '../errors.ts'
import { kernelFindings } from '../host/checks.ts'
import { engineCheck } from '../host/engine-check.ts'
import { engineFact, newEnough } from '../host/engine-fact.ts'
import type { EngineFact } from '../host/facts.ts'
import { applyFixes } from '../host/fix.ts'
import { installEngine } from '../host/install-engine.ts'
import { readKernel } from '../host/read-facts.ts'
import { startEngine } from '../host/start-engine.ts'
import { confirm } from '../terminal/confirm.ts'

/**
 * A running engine that is new enough: found, or, asked first unless --yes, installed and started, with the kernel's limits lifted.
 * Gives its version. Throws ENGINE_UNAVAILABLE, ENGINE_TOO_OLD or HOST_UNFIT.
 */
export async function readyEngine(ctx: CliContext, say: (line: string) => void): Promise<string> {
  const found = await askEngine(ctx)
  await liftLimits(ctx, say)
  if (found.state === 'running' && newEnough(found.version)) return found.version
  if (found.state !== 'silent') throw unusable(found)
  const installed = found.installed !== undefined && newEnough(found.installed)
  await agree(
    ctx,
    found,
    installed ? 'The Docker engine does not run. Start it?' : 'Install a Docker engine and start it?',
  )
  await bringUpEngine(ctx, found, say)
  const started = await askEngine(ctx)
  if (started.state === 'running' && newEnough(started.version)) return started.version
  throw unusable(started)
}

/** Installs, unless a fitting one is installed, and starts the engine of this machine, without a question. */
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
  const answers = async () => (await askEngine(ctx)).state === 'running'
  await startEngine({ runner, env, say, signal, answers, stateFolder: paths.state })
}

/** The engine as it is. */
function askEngine({ engine, runner, env, signal }: CliContext): Promise<EngineFact> {
  return engineFact(() => engine().images.info(signal), { runner, env, signal })
}

/** The user's number; -1 where there are none. */
export function userId(): number {
  return process.getuid?.() ?? -1
}

/** Lifts what would keep nodes from starting, where devk may; what it may not is left to `doctor` to tell. */
async function liftLimits(ctx: CliContext, say: (line: string) => void): Promise<void> {
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
    if (outcome === 'done') say(`${finding.title}: ${finding.detail}; mended`)
    if (outcome === 'refused') say(`${finding.title}: ${finding.detail} (${detail})`)
  }
}

function unusable(engine: EngineFact): DevkError {
  const { title, detail, why, fix } = engineCheck({ engine, platform: process.platform, root: userId() === 0 })
  return new DevkError(engine.state === 'running' ? 'ENGINE_TOO_OLD' : 'ENGINE_UNAVAILABLE', `${title}: ${detail}`, {
    details: [...(why === undefined ? [] : [why]), 'Nothing was changed.'],
    ...(fix === undefined ? {} : { hint: fix.explain }),
  })
}

async function agree(ctx: CliContext, engine: EngineFact, question: string): Promise<void> {
  if (process.platform !== 'linux' || userId() !== 0) throw unusable(engine)
  if (await confirm(ctx, question)) return
  throw new DevkError('ENGINE_UNAVAILABLE', 'devk needs a running Docker engine', {
    details: ['Nothing was changed.'],
    hint: 'Run devk up --yes to let devk install and start one.',
  })
}
