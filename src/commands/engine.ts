import { createInterface } from 'node:readline/promises'
import type { Readable } from 'node:stream'
import type { CliContext } from '../cli/context.ts'
import { DevkError } from '../errors.ts'
import { kernelFindings, mend } from '../host/kernel.ts'
import { engineInstalled, installEngine, startEngine } from '../host/start-engine.ts'
import { dockerEngine } from '../images/engine.ts'
import type { EngineInfo } from '../images/store.ts'
import { statePaths } from '../state/paths.ts'

const oldest = 23

/**
 * A running engine that is new enough: found, or, asked first unless --yes, installed and started, with the kernel's limits lifted.
 * Gives its version. Throws ENGINE_UNAVAILABLE, ENGINE_TOO_OLD or HOST_UNFIT.
 */
export async function readyEngine(ctx: CliContext, say: (line: string) => void): Promise<string> {
  const engine = dockerEngine(ctx.env)
  const { runner, env, signal } = ctx
  const found = await engine.images.info(signal).catch((error: unknown) => orStart(error, ctx))
  if (found === undefined) {
    const host = { runner, env, say, signal, stateFolder: statePaths(env).state }
    if (!(await engineInstalled(host))) {
      await agree(ctx, 'No Docker engine (23 or newer) is installed. Install it with apt?')
      say('installing a Docker engine (about a minute)')
      await installEngine(host)
    }
    await agree(ctx, 'The Docker engine does not run. Start it?')
    await liftLimits(ctx, say)
    await startEngine(host)
  } else await liftLimits(ctx, say)
  const info: EngineInfo = found ?? (await engine.images.info(signal))
  if (Number.parseInt(info.version, 10) >= oldest) return info.version
  throw new DevkError('ENGINE_TOO_OLD', `The Docker engine is ${info.version}; devk needs ${oldest} or newer`, {
    hint: 'Upgrade Docker, then run devk up again.',
  })
}

/** Only an engine on this machine that does not answer can be started; no permission and a remote one are the user's to mend. */
function orStart(error: unknown, { env }: CliContext): undefined {
  const code = error instanceof DevkError ? (error.cause as NodeJS.ErrnoException | undefined)?.code : undefined
  const startable = code === 'ENOENT' || code === 'ECONNREFUSED'
  if (env.DOCKER_HOST || !startable || process.platform !== 'linux' || process.getuid?.() !== 0) throw error
  return undefined
}

/** Lifts what would keep nodes from starting, where devk may; what it may not is left to `doctor` to tell. */
async function liftLimits(ctx: CliContext, say: (line: string) => void): Promise<void> {
  if (!ctx.yes || process.getuid?.() !== 0) return
  for (const finding of await kernelFindings()) {
    const refusal = await mend(finding, ctx.runner, ctx.signal)
    say(`${finding.title}: ${finding.detail}${refusal === undefined ? ', mended' : ` (${refusal})`}`)
  }
}

async function agree(ctx: CliContext, question: string): Promise<void> {
  if (ctx.yes) return
  if (ctx.isTTY) {
    const asked = createInterface({ input: ctx.stdin as Readable, output: ctx.stderr })
    const answer = await asked.question(`${question} [y/N] `, { signal: ctx.signal }).finally(() => asked.close())
    if (/^y(es)?$/i.test(answer.trim())) return
  }
  throw new DevkError('ENGINE_UNAVAILABLE', 'devk needs a running Docker engine', {
    details: ['Nothing was changed.'],
    hint: 'Run devk up --yes to let devk install and start one.',
  })
}
