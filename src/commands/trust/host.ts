import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { retireAuthority } from '../../presets/tls/authority.ts'
import { agreedName, isWithin, localNames } from '../../presets/tls/names.ts'
import { rememberHost } from '../../state/agreed-hosts.ts'
import { confirm } from '../../terminal/confirm.ts'
import { ownAuthorities } from './authorities.ts'

/** The name that `--host` means. Throws USAGE if nobody can agree to it, or if nobody has to. */
export function nameToAgree(text: string): string {
  const name = agreedName(text)
  if (name === undefined) {
    throw new DevkError('USAGE', `${text} is no host name that devk issues certificates for`, {
      hint: 'Use a DNS name of at least two labels without a port, such as app.example.com.',
    })
  }
  if (isWithin(name, localNames)) {
    throw new DevkError('USAGE', `${name} is a local name: it needs no agreement`, {
      hint: `devk up issues certificates for all hosts below ${localNames.join(', ')}.`,
    })
  }
  return name
}

/**
 * Lets devk issue certificates for a name and the hosts below it, after asking the user. Returns what to do next.
 * Throws USAGE if the user refuses.
 */
export async function agreeToHost(ctx: CliContext, name: string): Promise<string> {
  const question =
    `Let devk issue certificates for ${name} and the hosts below it? Whoever gets one of their keys can impersonate ` +
    `them to programs that trust devk's authority. Every project that names such a host gets one.`
  if (!(await confirm(ctx, question))) {
    throw new DevkError('USAGE', `devk issues no certificates for ${name}`, {
      details: ['Nothing was changed.'],
      hint: 'Answer y, or pass --yes.',
    })
  }
  await rememberHost(ctx.paths.agreedHosts, name, { agreed: true, since: new Date(ctx.clock()).toISOString() })
  return `✔ devk may issue certificates for ${name}. Run devk up, and devk trust --install for browsers`
}

/**
 * Takes an agreement back. No certificate for the name is issued from then on: the authority that could sign it loses
 * its key. Returns what to do next. Throws USAGE if there is no agreement.
 */
export async function withdrawHost(ctx: CliContext, name: string): Promise<string> {
  const { agreed, hosts } = await ownAuthorities(ctx)
  if (!agreed.includes(name)) {
    const list = agreed.length === 0 ? 'You have agreed to no name.' : `You have agreed to ${agreed.join(', ')}.`
    throw new DevkError('USAGE', `You have not agreed to certificates for ${name}`, { hint: list })
  }
  await rememberHost(ctx.paths.agreedHosts, name, undefined)
  if (hosts !== undefined) await retireAuthority(ctx.paths.hostsAuthority, hosts, new Date(ctx.clock()))
  return `✔ devk issues no more certificates for ${name}. devk trust --install also removes the earlier authority`
}
