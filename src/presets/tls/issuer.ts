import {
  type AuthorityPlace,
  createAuthority,
  type EnsuredAuthority,
  ensureAuthority,
  readAuthority,
} from './authority.ts'
import { day, type KeyPair, whyRenew, whyRenewIntermediate } from './key-pair.ts'
import { isWithin, localNames, nameOfHost, withLocalNames } from './names.ts'

/** A certificate with its key, and the certificate (PEM) of the authority that clients trust for it. */
export interface Issued {
  readonly pair: KeyPair
  readonly authority: string
}

/**
 * Issues certificates for hosts. Two authorities of this machine sign: one for local names only, and one that also
 * signs for the names which the user agreed to. Each method throws HOST_UNFIT if their files are damaged.
 */
export interface Issuer {
  /** The hosts that get certificates, and the foreign ones: the user has not agreed to them. */
  sorted(
    hosts: readonly string[],
  ): Promise<{ readonly permitted: readonly string[]; readonly foreign: readonly string[] }>
  /** The certificates (PEM) of the authorities that sign for these permitted hosts. */
  authorities(hosts: readonly string[]): Promise<string>
  /** Returns `current` unchanged if it is still valid for these permitted hosts, or else a new certificate. */
  certificate(hosts: readonly string[], current: KeyPair | undefined): Promise<Issued>
  /**
   * An authority of a cluster, for cert-manager: it signs for local names and these permitted hosts. Returns `current`
   * unchanged if it still can. The key is a new one: that of a root stays on this machine.
   */
  intermediate(hosts: readonly string[], current: KeyPair | undefined): Promise<Issued>
  /**
   * A certificate for host names of a cluster, such as `hook.infra.svc`. An authority of its own signs it, whose key is
   * not kept. Returns `current` unchanged if it is still valid.
   */
  internal(hosts: readonly string[], current: Issued | undefined): Promise<Issued>
  /** The authorities that were replaced since the issuer was created. */
  replaced(): readonly Replaced[]
}

/** An authority that was replaced. */
export type Replaced = NonNullable<EnsuredAuthority['replaced']>

/** The options of an issuer. */
export interface IssuerOptions {
  /** The folder of the files of the authority for local names. */
  readonly folder: string
  /** The folder of the files of the authority that also signs for `agreed`. */
  readonly hostsFolder: string
  /** The names that the user agreed to. It is asked again for each certificate. */
  readonly agreed: () => Promise<readonly string[]>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** false: write nothing, as for a plan. If there is no authority that can sign, use one in memory. */
  readonly keep: boolean
}

/** 90 days, as public authorities issue them. devk renews them 30 days before they expire. */
const lifetimeMs = 90 * day
/**
 * cert-manager renews certificates of 90 days after 60 days. With at least 60 days left, an intermediate outlives each
 * certificate that it signs. Two days more let an `up` be late.
 */
const intermediateBeforeMs = 62 * day
/** Certificates are valid from one hour ago, since the clocks of containers and virtual machines can be behind. */
const skewMs = 3_600_000

/** Creates an issuer. It reads an authority, or creates it, when it first needs it. */
export function issuerOf({ folder, hostsFolder, agreed, clock, keep }: IssuerOptions): Issuer {
  const now = () => new Date(clock())
  const validity = () => ({ from: new Date(clock() - skewMs), to: new Date(clock() + lifetimeMs) })
  const opened = new Map<string, Promise<EnsuredAuthority>>()
  const replaced: Replaced[] = []
  const open = async (place: AuthorityPlace): Promise<EnsuredAuthority> => {
    if (keep) {
      const ensured = await ensureAuthority(place, now())
      if (ensured.replaced !== undefined) replaced.push(ensured.replaced)
      return ensured
    }
    const existing = await readAuthority(place, now())
    return existing?.outdated === undefined && existing !== undefined ? existing : createAuthority(place.names, now())
  }
  const once = (place: AuthorityPlace) => {
    const key = place.names.join(' ')
    const promise = opened.get(key) ?? open(place)
    opened.set(key, promise)
    return promise
  }
  const local = () => once({ folder, names: localNames })
  const rootFor = async (hosts: readonly string[]) =>
    hosts.every((host) => isWithin(host, localNames))
      ? local()
      : once({ folder: hostsFolder, names: withLocalNames(await agreed()) })
  return {
    async sorted(hosts) {
      const names = withLocalNames(await agreed())
      return {
        permitted: hosts.filter((host) => isWithin(host, names)),
        foreign: hosts.filter((host) => !isWithin(host, names)),
      }
    },
    async authorities(hosts) {
      const roots = await Promise.all([local(), rootFor(hosts)])
      return [...new Set(roots.map(({ certificate }) => certificate))].join('')
    },
    async certificate(hosts, current) {
      const root = await rootFor(hosts)
      const authority = root.certificate
      if (current !== undefined && whyRenew(current, { authority, hosts, now: now() }) === undefined) {
        return { pair: current, authority }
      }
      const { issue } = await import('./x509.ts')
      return { pair: await issue(root, [...hosts].sort(), validity()), authority }
    },
    async intermediate(hosts, current) {
      const root = await rootFor(hosts)
      const authority = root.certificate
      const names = withLocalNames(hosts.filter((host) => !isWithin(host, localNames)).map(nameOfHost))
      const wanted = { authority, names, now: now(), renewBeforeMs: intermediateBeforeMs }
      if (current !== undefined && whyRenewIntermediate(current, wanted) === undefined) {
        return { pair: current, authority }
      }
      const { issueAuthority } = await import('./x509.ts')
      const { certificate, key } = await issueAuthority(
        root,
        { name: 'devk authority of a cluster', names },
        validity(),
      )
      // cert-manager adds what follows the first certificate to those that it issues, up to the root.
      return { pair: { certificate: `${certificate}${authority}`, key }, authority }
    },
    async internal(hosts, current) {
      const wanted = current && { authority: current.authority, hosts, now: now() }
      if (current !== undefined && wanted !== undefined && whyRenew(current.pair, wanted) === undefined) return current
      const { issue, makeAuthority } = await import('./x509.ts')
      const root = await makeAuthority('devk authority of one certificate', hosts, validity())
      return { pair: await issue(root, [...hosts].sort(), validity()), authority: root.certificate }
    },
    replaced: () => [...replaced],
  }
}
