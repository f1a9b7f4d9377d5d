import { freshAuthority, readAuthority, readyAuthority } from './authority.ts'
import { type KeyPair, whyRenew } from './key-pair.ts'

/** Gives certificates for hosts, all of one authority. */
export interface Issuer {
  /** The authority's own certificate, as PEM. Throws HOST_UNFIT when its files are damaged. */
  authority(): Promise<string>
  /** The same with its key, for a certificate manager in a cluster of this machine. Throws HOST_UNFIT. */
  authorityPair(): Promise<KeyPair>
  /** What is there already while it is good, to the byte; a new one otherwise. Throws HOST_UNFIT. */
  certificate(hosts: readonly string[], current: KeyPair | undefined): Promise<KeyPair>
}

export interface IssuerOptions {
  /** Where the authority's files are. */
  readonly folder: string
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** False: nothing is written; without an authority one in memory stands in, as for a plan. */
  readonly keep: boolean
}

/** 365 days: browsers refuse certificates of more than 825, and what is left at 30 is made again. */
const lifetimeMs = 365 * 86_400_000
/** Clocks of containers and virtual machines may be behind. */
const skewMs = 3_600_000

/** An issuer whose authority is looked up, and made if need be, when it is asked for the first time. */
export function issuerOf({ folder, clock, keep }: IssuerOptions): Issuer {
  const now = () => new Date(clock())
  const open = async (): Promise<KeyPair> => {
    if (keep) return readyAuthority(folder, now())
    return (await readAuthority(folder, now())) ?? freshAuthority(now())
  }
  let opened: Promise<KeyPair> | undefined
  const authority = () => {
    opened ??= open()
    return opened
  }
  return {
    authority: async () => (await authority()).certificate,
    authorityPair: authority,
    async certificate(hosts, current) {
      const root = await authority()
      const wanted = { authority: root.certificate, hosts, now: now() }
      if (current !== undefined && whyRenew(current, wanted) === undefined) return current
      const { issue } = await import('./x509.ts')
      const from = new Date(clock() - skewMs)
      return issue(root, [...hosts].sort(), { from, to: new Date(clock() + lifetimeMs) })
    },
  }
}
