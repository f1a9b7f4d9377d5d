import type { CliContext, CommandFunction } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { noAuthority, ownAuthorities } from './authorities.ts'
import { installTrust, linesFor, removeTrust } from './change.ts'
import { agreeToHost, nameToAgree, withdrawHost } from './host.ts'
import { readMachine, type TrustMachine } from './machine.ts'
import { type TrustReport, trustJson, trustText } from './text.ts'

/** Flags of `devk trust`. */
export interface TrustFlags {
  /** Add the authority to those that this machine trusts. */
  readonly install: boolean
  /** Remove what `install` added; with `host`, take the agreement back. */
  readonly remove: boolean
  /** A name on the internet for which devk may issue certificates. */
  readonly host?: string
}

/**
 * `devk trust`: shows the local certificate authority and the commands that make this machine trust it. --install runs
 * these commands and --remove reverts them; --host agrees to certificates for a name. All ask the user first. Throws
 * CONFIG_NOT_FOUND if there is no authority, USAGE, TOOL_MISSING and COMMAND_FAILED.
 */
export const runTrust: CommandFunction<TrustFlags> = async (ctx, _args, flags) =>
  trustOn(ctx, flags, await readMachine(ctx))

/** `devk trust` on a machine. */
export async function trustOn(ctx: CliContext, flags: TrustFlags, machine: TrustMachine): Promise<number> {
  const { install, remove } = flags
  if (install && remove) throw new DevkError('USAGE', '--install and --remove cannot be used together')
  const report = await changed(ctx, flags, machine)
  if (ctx.json) await writeJson(ctx.stdout, trustJson(report, { install, remove }))
  else await writeText(ctx.stdout, `${trustText(report)}\n`)
  return 0
}

async function changed(ctx: CliContext, flags: TrustFlags, machine: TrustMachine): Promise<TrustReport> {
  const { install, remove } = flags
  const done: string[] = []
  if (flags.host !== undefined) {
    const name = nameToAgree(flags.host)
    done.push(await (remove ? withdrawHost : agreeToHost)(ctx, name))
    if (!install) return { own: await ownAuthorities(ctx), done, lines: none }
  }
  if (install) {
    const lines = await installTrust(ctx, machine)
    done.push('✔ This machine trusts the authority')
    return { own: await ownAuthorities(ctx), done, lines }
  }
  if (remove) {
    const lines = await removeTrust(ctx, machine)
    done.push(
      lines === undefined
        ? 'This machine trusts no authority of devk: there is nothing to remove'
        : '✔ This machine no longer trusts the authorities of devk',
    )
    return { own: await ownAuthorities(ctx), done, lines: lines ?? none }
  }
  const own = await ownAuthorities(ctx)
  if (own.local === undefined && own.hosts === undefined) throw noAuthority()
  return { own, done, lines: linesFor(machine, own) }
}

const none = { lines: [], browsers: [] } as const
