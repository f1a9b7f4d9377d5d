import { X509Certificate } from 'node:crypto'
import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { type AuthorityPlace, authorityFiles, ensureAuthority, readAuthority } from '../../presets/tls/authority.ts'
import { localNames, withLocalNames } from '../../presets/tls/names.ts'
import { readAgreedHosts } from '../../state/agreed-hosts.ts'

/** What is shown about a certificate authority. */
export interface AuthorityFacts {
  readonly file: string
  readonly subject: string
  /** SHA-256. */
  readonly fingerprint: string
  /** ISO 8601. */
  readonly until: string
  /** The DNS names that it signs for, with the hosts below them. */
  readonly names: readonly string[]
}

/** A certificate authority of this machine. */
export interface OwnAuthority {
  readonly facts: AuthorityFacts
  /** PEM. */
  readonly certificate: string
  /** PEM. */
  readonly key: string
  readonly keyFile: string
  /** Whether `devk up` would replace it. */
  readonly outdated: boolean
}

/** The authorities of this machine: `local` for local names, `hosts` also for names that the user agreed to. */
export interface OwnAuthorities {
  readonly local: OwnAuthority | undefined
  readonly hosts: OwnAuthority | undefined
  readonly agreed: readonly string[]
}

/** Reads the authorities of this machine. Throws HOST_UNFIT if one is damaged. */
export async function ownAuthorities({ paths, clock }: Pick<CliContext, 'paths' | 'clock'>): Promise<OwnAuthorities> {
  const agreed = await readAgreedHosts(paths.agreedHosts)
  const read = (place: AuthorityPlace) => readOwn(place, new Date(clock()))
  return {
    local: await read({ folder: paths.authority, names: localNames }),
    hosts: await read({ folder: paths.hostsAuthority, names: withLocalNames(agreed) }),
    agreed,
  }
}

/**
 * The authorities that this machine may trust: an outdated one is replaced first, and the one for the hosts that the
 * user agreed to is created. Throws CONFIG_NOT_FOUND before the first `devk up` with the preset tls, and HOST_UNFIT.
 */
export async function currentAuthorities(ctx: CliContext): Promise<OwnAuthorities> {
  const { paths } = ctx
  const now = new Date(ctx.clock())
  const { local, agreed } = await ownAuthorities(ctx)
  if (local === undefined && agreed.length === 0) throw noAuthority()
  if (local !== undefined) await ensureAuthority({ folder: paths.authority, names: localNames }, now)
  if (agreed.length > 0) await ensureAuthority({ folder: paths.hostsAuthority, names: withLocalNames(agreed) }, now)
  return ownAuthorities(ctx)
}

/** Says that there is no authority yet. */
export function noAuthority(): DevkError {
  return new DevkError('CONFIG_NOT_FOUND', 'The local certificate authority does not exist yet', {
    hint: 'The preset tls creates it: run devk preset add tls, then devk up.',
  })
}

async function readOwn(place: AuthorityPlace, now: Date): Promise<OwnAuthority | undefined> {
  const stored = await readAuthority(place, now)
  if (stored === undefined) return undefined
  const { certificate: file, key: keyFile } = authorityFiles(place.folder)
  const { subject, fingerprint256: fingerprint, validToDate } = new X509Certificate(stored.certificate)
  const until = validToDate.toISOString()
  const facts = { file, subject: subject.replaceAll('\n', ', '), fingerprint, until, names: place.names }
  return { facts, certificate: stored.certificate, key: stored.key, keyFile, outdated: stored.outdated !== undefined }
}
