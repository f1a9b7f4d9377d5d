// @peculiar/x509 2.2 needs this polyfill, and it must be loaded first (see its README).
import 'reflect-metadata'
import { createPrivateKey, KeyObject, webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { constraintsId, nameConstraints } from './constraints.ts'
import type { KeyPair } from './key-pair.ts'

/** The period in which a certificate is valid. */
export interface Validity {
  readonly from: Date
  readonly to: Date
}

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/**
 * Creates a certificate authority with an EC P-256 key. It signs certificates of servers for these DNS names and what
 * lies below them, and intermediate authorities of one level.
 */
export async function makeAuthority(name: string, names: readonly string[], { from, to }: Validity): Promise<KeyPair> {
  const keys = await generateKeys()
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: subjectOf(name),
    keys,
    notBefore: from,
    notAfter: to,
    signingAlgorithm: ecdsa,
    extensions: [...authorityExtensions(names, 1), await SubjectKeyIdentifierExtension.create(keys.publicKey)],
  })
  return { certificate: `${certificate.toString('pem')}\n`, key: await keyText(keys) }
}

/** Issues an authority below another one, for these names. It signs certificates of servers only. */
export async function issueAuthority(
  authority: KeyPair,
  { name, names }: { readonly name: string; readonly names: readonly string[] },
  validity: Validity,
): Promise<KeyPair> {
  return signed(authority, subjectOf(name), authorityExtensions(names, 0), validity)
}

/** Issues a certificate of a server for these DNS names, with a new key, signed by the authority. */
export async function issue(authority: KeyPair, hosts: readonly string[], validity: Validity): Promise<KeyPair> {
  const extensions = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: 'dns', value }))),
  ]
  // Clients check the alternative names only. The subject is for people.
  return signed(authority, subjectOf(hosts[0] ?? ''), extensions, validity)
}

async function signed(
  authority: KeyPair,
  subject: ReturnType<typeof subjectOf>,
  extensions: readonly Extension[],
  { from, to }: Validity,
): Promise<KeyPair> {
  const keys = await generateKeys()
  const issuer = new X509Certificate(authority.certificate)
  const certificate = await X509CertificateGenerator.create({
    subject,
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: await signingKey(authority.key),
    notBefore: from,
    notAfter: to,
    signingAlgorithm: ecdsa,
    extensions: [
      ...extensions,
      await AuthorityKeyIdentifierExtension.create(await issuer.publicKey.export()),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate: `${certificate.toString('pem')}\n`, key: await keyText(keys) }
}

/** What limits an authority: to certificates of servers, to names, and to this many levels of authorities below it. */
function authorityExtensions(names: readonly string[], levels: number): Extension[] {
  return [
    new BasicConstraintsExtension(true, levels, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new Extension(constraintsId, true, new Uint8Array(nameConstraints(names))),
  ]
}

/** A common name has at most 64 characters. */
function subjectOf(name: string): { [type: string]: string[] }[] {
  return [{ CN: [name.slice(0, 64)] }, { O: ['devk'] }]
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
}

function signingKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })
  return webcrypto.subtle.importKey('pkcs8', der, ecdsa, false, ['sign'])
}

async function keyText({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  return KeyObject.from(privateKey).export({ type: 'pkcs8', format: 'pem' }).toString()
}
