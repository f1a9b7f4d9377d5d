import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createAuthority } from '../../../src/presets/tls/authority.ts'
import { localNames } from '../../../src/presets/tls/names.ts'
import { anchorOf, trustSteps } from '../../../src/presets/tls/trust.ts'
import { issue } from '../../../src/presets/tls/x509.ts'
import { docker } from '../../support/docker.ts'

/** A Python program that serves the certificate on loopback, and connects as a client that trusts the system's authorities. */
const probe = `
import socket, ssl, threading
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain('/trust/cert.pem', '/trust/key.pem')
listener = socket.create_server(('127.0.0.1', 0))
def serve():
    try:
        server.wrap_socket(listener.accept()[0], server_side=True)
    except ssl.SSLError:
        pass
threading.Thread(target=serve, daemon=True).start()
try:
    with socket.create_connection(listener.getsockname()) as plain:
        ssl.create_default_context().wrap_socket(plain, server_hostname='shop.localhost')
    print('trusted')
except ssl.SSLCertVerificationError as error:
    print(error.verify_message)
`

test('Debian trusts the authority from its installation until its removal', async () => {
  const now = new Date()
  const authority = await createAuthority(localNames, now)
  const pair = await issue(authority, ['shop.localhost'], { from: now, to: new Date(now.getTime() + 3_600_000) })
  const folder = await mkdtemp(join(tmpdir(), 'devk-trust-'))
  const name = await docker('create', '--network', 'none', 'python:3.12-slim', 'sleep', '300')
  onTestFinished(async () => {
    await docker('rm', '-f', '-v', name)
    await rm(folder, { recursive: true, force: true })
  })
  const files = {
    'ca.crt': authority.certificate,
    'cert.pem': pair.certificate,
    'key.pem': pair.key,
    'probe.py': probe,
  }
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text)
  await docker('cp', folder, `${name}:/trust`)
  await docker('start', name)
  const answer = () => docker('exec', name, 'python', '/trust/probe.py')

  expect(await answer()).toMatch(/unable to get local issuer|self-signed/)
  for (const [change, expected] of [
    ['install', /^trusted$/],
    ['remove', /unable to get local issuer|self-signed/],
  ] as const) {
    const wanted = { install: [], remove: [], [change]: [anchorOf('/trust/ca.crt', authority.certificate)] }
    const steps = trustSteps(wanted, 'linux', new Set(['update-ca-certificates']))
    for (const { argv } of steps?.commands ?? []) await docker('exec', name, ...argv)
    expect(await answer()).toMatch(expected)
  }
})
