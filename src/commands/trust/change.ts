import { type CliContext, isCi } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { retiredAuthorities } from '../../presets/tls/authority.ts'
import { keyWarning } from '../../presets/tls/notes.ts'
import {
  type Anchor,
  anchorOf,
  debianPlace,
  earlierPlace,
  type TrustChange,
  trustSteps,
} from '../../presets/tls/trust.ts'
import { forgetInstalled, readInstalled, recordInstalled } from '../../state/installed-authorities.ts'
import { confirm } from '../../terminal/confirm.ts'
import { currentAuthorities, type OwnAuthorities, ownAuthorities } from './authorities.ts'
import type { TrustMachine } from './machine.ts'

/** How a change is made on this machine. */
export interface TrustLines {
  /** Command lines, with sudo where the user is not root. */
  readonly lines: readonly string[]
  /** Command lines for browsers with a list of their own. */
  readonly browsers: readonly string[]
}

/**
 * Makes this machine trust the authorities, and no longer those that devk installed before. They are recorded first, so
 * that `removeTrust` finds them whatever happens. Throws USAGE in continuous integration or if the user refuses,
 * CONFIG_NOT_FOUND, TOOL_MISSING, and COMMAND_FAILED if a command fails or only root may run it.
 */
export async function installTrust(ctx: CliContext, machine: TrustMachine): Promise<TrustLines> {
  if (isCi(ctx.env)) {
    throw new DevkError('USAGE', 'devk does not change what a machine of continuous integration trusts', {
      details: ['The variable CI is set. Nothing was changed.'],
      hint: 'Pass the file that devk trust prints to the client: curl --cacert, NODE_EXTRA_CA_CERTS, SSL_CERT_FILE.',
    })
  }
  const { local, hosts } = await currentAuthorities(ctx)
  const own = [local, hosts].filter((authority) => authority !== undefined)
  const wanted = own.map(({ facts, certificate }) => anchorOf(facts.file, certificate))
  const known = new Set(wanted.map(({ sha256 }) => sha256))
  const stale = (await installedOn(ctx, machine)).filter(({ sha256 }) => !known.has(sha256))
  const asked = [
    keyWarning(own.map(({ keyFile }) => keyFile)),
    ...own.map(({ facts }) => `${facts.file} signs for ${facts.names.join(', ')}.`),
    'All programs that use the certificate store of this machine will trust it.',
  ].join('\n')
  const change = { install: wanted, remove: stale }
  return changeTrust(ctx, machine, { change, asked, refused: 'The authority was not installed', own })
}

/**
 * Makes this machine no longer trust what `installTrust` installed, also when the folder of the authority is gone.
 * Returns undefined if there is nothing to remove. Throws as `installTrust` does.
 */
export async function removeTrust(ctx: CliContext, machine: TrustMachine): Promise<TrustLines | undefined> {
  const recorded = await installedOn(ctx, machine)
  // Earlier versions of devk kept no record. On Debian the file that they wrote is known.
  const remove = recorded.length > 0 || usesDebian(machine) ? recorded : await onDisk(ctx)
  const isEarlier = usesDebian(machine) && (await machine.has(earlierPlace))
  if (remove.length === 0 && !isEarlier) return undefined
  const asked = 'Programs that use the certificate store of this machine will no longer trust the authorities of devk.'
  const change = { install: [], remove }
  return changeTrust(ctx, machine, { change, asked, refused: 'The authority was not removed', own: [] })
}

/** The commands that would install the authorities. */
export function linesFor(machine: TrustMachine, { local, hosts }: OwnAuthorities): TrustLines {
  const own = [local, hosts].filter((authority) => authority !== undefined && !authority.outdated)
  const install = own.flatMap((each) => (each === undefined ? [] : [anchorOf(each.facts.file, each.certificate)]))
  return toLines(machine, { install, remove: [] }) ?? { lines: [], browsers: [] }
}

function toLines(machine: TrustMachine, change: TrustChange): TrustLines | undefined {
  const steps = trustSteps(change, machine.platform, machine.programs)
  if (steps === undefined) return undefined
  const sudo = steps.root && !machine.isRoot ? 'sudo ' : ''
  return { lines: steps.commands.map(({ argv }) => `${sudo}${argv.join(' ')}`), browsers: steps.browsers }
}

/** A change, and the words about it. */
interface Change {
  readonly change: TrustChange
  readonly asked: string
  readonly refused: string
  /** The authorities to record. */
  readonly own: readonly { readonly certificate: string }[]
}

async function changeTrust(ctx: CliContext, machine: TrustMachine, input: Change): Promise<TrustLines> {
  const steps = trustSteps(input.change, machine.platform, machine.programs)
  const shown = toLines(machine, input.change)
  if (steps === undefined || shown === undefined) {
    throw new DevkError('TOOL_MISSING', 'No supported program manages the trusted authorities of this machine', {
      hint: 'Install ca-certificates (update-ca-certificates) or p11-kit (trust).',
    })
  }
  const record = () =>
    Promise.all(input.own.map((each) => recordInstalled(ctx.paths.installedAuthorities, each.certificate)))
  if (steps.root && !machine.isRoot) {
    // The user runs the commands.
    await record()
    throw new DevkError('COMMAND_FAILED', 'Only root may change the trusted authorities of this machine', {
      details: [...input.asked.split('\n'), 'Nothing was changed.'],
      hint: `Run: ${shown.lines.join(' && ')}`,
    })
  }
  if (!(await confirm(ctx, `${input.asked}\n${shown.lines.join(' && ')}?`))) {
    throw new DevkError('USAGE', input.refused, { details: ['Nothing was changed.'], hint: 'Answer y, or pass --yes.' })
  }
  await record()
  const failures: string[] = []
  for (const { argv, removed } of steps.commands) {
    const [command = '', ...args] = argv
    const { exitCode, stderr } = await ctx.runner.run(command, args, { signal: ctx.signal })
    if (exitCode !== 0) failures.push(`${argv.join(' ')} ended with exit code ${exitCode}: ${stderr.trim()}`)
    // The next commands build on one that removes nothing by itself. Each removal stands alone.
    if (exitCode !== 0 && removed.length === 0) break
    if (exitCode !== 0) continue
    for (const { sha256 } of removed) await forgetInstalled(ctx.paths.installedAuthorities, sha256)
  }
  if (failures.length === 0) return shown
  throw new DevkError('COMMAND_FAILED', 'Not all trusted authorities could be changed', {
    details: failures,
    hint: 'Correct the cause, then run the command again: it continues from here.',
  })
}

/**
 * The authorities that devk recorded when it installed them. One that is seen not to be there any more is forgotten.
 */
async function installedOn(ctx: CliContext, machine: TrustMachine): Promise<Anchor[]> {
  const recorded = await readInstalled(ctx.paths.installedAuthorities)
  const there: Anchor[] = []
  for (const installed of recorded) {
    const anchor = anchorOf(installed.file, installed.certificate)
    if (!usesDebian(machine) || (await machine.has(debianPlace(anchor)))) there.push(anchor)
    else await forgetInstalled(ctx.paths.installedAuthorities, anchor.sha256)
  }
  return there
}

/** The authorities of this machine, and those that they replaced. */
async function onDisk(ctx: CliContext): Promise<Anchor[]> {
  const { local, hosts } = await ownAuthorities(ctx)
  const own = [local, hosts].flatMap((each) =>
    each === undefined ? [] : [anchorOf(each.facts.file, each.certificate)],
  )
  const { authority, hostsAuthority } = ctx.paths
  const retired = await Promise.all([authority, hostsAuthority].map(retiredAuthorities))
  return [...own, ...retired.flat().map(({ file, certificate }) => anchorOf(file, certificate))]
}

function usesDebian({ platform, programs }: TrustMachine): boolean {
  return platform === 'linux' && programs.has('update-ca-certificates')
}
