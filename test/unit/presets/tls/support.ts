// The library needs the polyfill, which must be loaded first.
import 'reflect-metadata'
import { createPrivateKey, KeyObject, webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:tls'
import {
  BasicConstraintsExtension,
  type JsonGeneralNames,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { authorityFiles } from '../../../../src/presets/tls/authority.ts'
import type { KeyPair } from '../../../../src/presets/tls/key-pair.ts'
import { makeAuthority, type Validity } from '../../../../src/presets/tls/x509.ts'

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** A period that contains the present, for clients that check it. */
export const validity: Validity = { from: new Date(Date.now() - 3_600_000), to: new Date(Date.now() + 86_400_000) }

/** An authority for these names, as devk makes them. */
export const rootFor = (...names: string[]) => makeAuthority('root', names, validity)

/**
 * What a client that trusts `ca` says about a server with this certificate: `accepted`, or the reason of its refusal. Both
 * are real, on loopback.
 */
export async function answerOf(pair: KeyPair, host: string, ca: string): Promise<string> {
  const server = createServer({ cert: pair.certificate, key: pair.key }, (socket) => socket.end())
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    return await new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, servername: host, ca }, () => {
        socket.destroy()
        resolve('accepted')
      })
      socket.on('error', (error) => resolve(error.message))
    })
  } finally {
    server.close()
  }
}

/** A certificate with another kind of name, signed with the key of the authority by hand. */
export async function forged(root: KeyPair, names: JsonGeneralNames, subject: string): Promise<KeyPair> {
  const key = await webcrypto.subtle.importKey(
    'pkcs8',
    createPrivateKey(root.key).export({ type: 'pkcs8', format: 'der' }),
    ecdsa,
    false,
    ['sign'],
  )
  // The thief uses the key of the root for the server, too.
  const certificate = await X509CertificateGenerator.create({
    subject,
    issuer: new X509Certificate(root.certificate).subjectName,
    publicKey: new X509Certificate(root.certificate).publicKey,
    signingKey: key,
    notBefore: validity.from,
    notAfter: validity.to,
    signingAlgorithm: ecdsa,
    extensions: names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)],
  })
  return { certificate: `${certificate.toString('pem')}\n`, key: root.key }
}

/** Writes an authority that may sign for every host, as earlier versions of devk made it. */
export async function unconstrained(folder: string): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=devk local authority, O=devk',
    keys,
    notBefore: new Date('2026-11-01'),
    notAfter: new Date('2036-11-01'),
    signingAlgorithm: ecdsa,
    extensions: [new BasicConstraintsExtension(true, 0, true)],
  })
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString()
  const files = authorityFiles(folder)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(files.certificate, certificate.toString('pem'))
  await writeFile(files.key, key, { mode: 0o600 })
  return { certificate: certificate.toString('pem'), key }
}
