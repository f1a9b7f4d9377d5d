import { createPrivateKey, X509Certificate } from 'node:crypto'

/** A certificate and its private key, both as PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

const day = 86_400_000

/** A certificate is renewed when it expires within this time. */
const renewBeforeMs = 30 * day

/** Why an authority can no longer sign: it is damaged, or expires within 30 days. undefined if it can. Pure. */
export function whyNoAuthority(pair: KeyPair, now: Date): 'damaged' | 'expires' | undefined {
  const certificate = readable(pair)
  if (certificate === undefined || !certificate.ca) return 'damaged'
  return expiresSoon(certificate, now) ? 'expires' : undefined
}

/**
 * Why the certificate of a server must be renewed. undefined if it is readable, signed by this authority, valid for
 * exactly these DNS names, and does not expire within 30 days. Pure.
 */
export function whyRenew(
  pair: KeyPair,
  { authority, hosts, now }: { authority: string; hosts: readonly string[]; now: Date },
): string | undefined {
  const certificate = readable(pair)
  if (certificate === undefined) return 'it is damaged'
  const root = new X509Certificate(authority)
  if (!certificate.checkIssued(root) || !certificate.verify(root.publicKey)) return 'another authority signed it'
  const names = (certificate.subjectAltName ?? '').split(', ').map((name) => name.replace(/^DNS:/, ''))
  if (names.sort().join(' ') !== [...hosts].sort().join(' ')) return 'its hosts changed'
  return expiresSoon(certificate, now) ? 'it expires soon' : undefined
}

function expiresSoon({ validToDate }: X509Certificate, now: Date): boolean {
  return validToDate.getTime() - now.getTime() < renewBeforeMs
}

/** The certificate; undefined if it cannot be read or the key does not belong to it. */
function readable({ certificate, key }: KeyPair): X509Certificate | undefined {
  try {
    const read = new X509Certificate(certificate)
    return read.checkPrivateKey(createPrivateKey(key)) ? read : undefined
  } catch {
    return undefined
  }
}
