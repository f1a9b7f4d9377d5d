import { createAuthority, ensureAuthority, readAuthority } from './authority.ts'
import { type KeyPair, whyRenew } from './key-pair.ts'

/** Issues certificates for hosts, all signed by one certificate authority. */
export interface Issuer {
  /** The certificate of the authority, as PEM. Throws HOST_UNFIT if its files are damaged. */
  authority(): Promise<string>
  /** The certificate and the key of the authority, for cert-manager in a local cluster. Throws HOST_UNFIT. */
  authorityPair(): Promise<KeyPair>
  /** Returns `current` unchanged if it is still valid for these hosts, or else a new certificate. Throws HOST_UNFIT. */
  certificate(hosts: readonly string[], current: KeyPair | undefined): Promise<KeyPair>
}

/** The options of an issuer. */
export interface IssuerOptions {
  /** The folder of the files of the authority. */
  readonly folder: string
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** false: write nothing, as for a plan. If there is no authority, use one in memory. */
  readonly keep: boolean
}

/** 365 days. Browsers reject certificates of more than 825 days; devk renews them 30 days before they expire. */
const lifetimeMs = 365 * 86_400_000
/** Certificates are valid from one hour ago, since the clocks of containers and virtual machines can be behind. */
const skewMs = 3_600_000

/** Creates an issuer. It reads the authority, or creates it, on the first call of a method. */
export function issuerOf({ folder, clock, keep }: IssuerOptions): Issuer {
  const now = () => new Date(clock())
  const open = async (): Promise<KeyPair> => {
    if (keep) return ensureAuthority(folder, now())
    return (await readAuthority(folder, now())) ?? createAuthority(now())
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
