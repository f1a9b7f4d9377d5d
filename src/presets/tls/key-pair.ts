import { createPrivateKey, X509Certificate } from 'node:crypto'

/** A certificate and its private key, both as PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

const day = 86_400_000

/** With less than this left, a certificate is made again. */
const renewBeforeMs = 30 * day

/** Why an authority cannot sign any more; undefined while it can. Pure. */
export function whyNoAuthority(pair: KeyPair, now: Date): 'damaged' | 'expires' | undefined {
  const certificate = readable(pair)
  if (certificate === undefined || !certificate.ca) return 'damaged'
  return endsSoon(certificate, now) ? 'expires' : undefined
}

/**
 * Why a server's certificate has to be made again; undefined while it is good: whole, signed by this authority, for just these DNS
 * names, and with 30 days left. Pure.
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
  return endsSoon(certificate, now) ? 'it ends soon' : undefined
}

function endsSoon({ validToDate }: X509Certificate, now: Date): boolean {
  return validToDate.getTime() - now.getTime() < renewBeforeMs
}

/** The certificate, when it is one and the key is its own. */
function readable({ certificate, key }: KeyPair): X509Certificate | undefined {
  try {
    const read = new X509Certificate(certificate)
    return read.checkPrivateKey(createPrivateKey(key)) ? read : undefined
  } catch {
    return undefined
  }
}
