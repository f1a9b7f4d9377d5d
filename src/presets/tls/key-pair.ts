import { createPrivateKey, X509Certificate } from 'node:crypto'
import { nameConstraints } from './constraints.ts'

/** A certificate and its private key, both as PEM. After the certificate there may be those that signed it. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

/** A day in milliseconds. */
export const day = 86_400_000

/** A certificate is renewed when it expires within this time. */
const renewBeforeMs = 30 * day

/** Why an authority is replaced: it expires within 30 days, or it signs for other names than it should. */
export type Outdated = 'expires' | 'names'

/** Why an authority can no longer sign for these names, and only these. undefined if it can. Pure. */
export function whyNoAuthority(pair: KeyPair, names: readonly string[], now: Date): 'damaged' | Outdated | undefined {
  const certificate = readable(pair)
  if (certificate === undefined || !certificate.ca) return 'damaged'
  if (!signsFor(certificate, names)) return 'names'
  return endsWithin(certificate, renewBeforeMs, now) ? 'expires' : undefined
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
  if (!isSignedBy(certificate, authority)) return 'another authority signed it'
  const names = (certificate.subjectAltName ?? '').split(', ').map((name) => name.replace(/^DNS:/, ''))
  if (names.sort().join(' ') !== [...hosts].sort().join(' ')) return 'its hosts changed'
  return endsWithin(certificate, renewBeforeMs, now) ? 'it expires soon' : undefined
}

/**
 * Why an intermediate authority must be renewed. undefined if it is readable, signed by this authority, signs for these
 * names only, and does not expire within `renewBeforeMs`. Pure.
 */
export function whyRenewIntermediate(
  pair: KeyPair,
  wanted: { authority: string; names: readonly string[]; now: Date; renewBeforeMs: number },
): string | undefined {
  const certificate = readable(pair)
  if (certificate === undefined || !certificate.ca) return 'it is damaged'
  if (!isSignedBy(certificate, wanted.authority)) return 'another authority signed it'
  // A root signed itself. It must never be what a cluster has.
  if (certificate.fingerprint256 === new X509Certificate(wanted.authority).fingerprint256) return 'it is the root'
  if (!signsFor(certificate, wanted.names)) return 'its names changed'
  return endsWithin(certificate, wanted.renewBeforeMs, wanted.now) ? 'it expires soon' : undefined
}

/** Whether the name constraints of an authority are these names. */
function signsFor(certificate: X509Certificate, names: readonly string[]): boolean {
  return certificate.raw.includes(nameConstraints(names))
}

function isSignedBy(certificate: X509Certificate, authority: string): boolean {
  const root = readableCertificate(authority)
  return root !== undefined && certificate.checkIssued(root) && certificate.verify(root.publicKey)
}

function endsWithin({ validToDate }: X509Certificate, ms: number, now: Date): boolean {
  return validToDate.getTime() - now.getTime() < ms
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

function readableCertificate(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text)
  } catch {
    return undefined
  }
}
