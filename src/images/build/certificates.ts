import { access } from 'node:fs/promises'
import type { Environment } from '../../engine/endpoint.ts'
import { DevkError } from '../../errors.ts'

/** Variables that name a CA bundle, the most general first. */
const variables = ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'PIP_CERT']

/** Locations of the CA bundle on Debian and Alpine, Fedora, openSUSE, macOS and BSD. */
const places = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/**
 * The absolute path of the CA bundle for `build.caCertificates`: the given file, or, for `true`, the bundle of this
 * machine from `env` or the `usual` locations. Throws CONFIG_INVALID when no file is readable.
 */
export async function findCertificates(
  wanted: string | true,
  env: Environment,
  usual: readonly string[] = places,
): Promise<string> {
  const candidates = wanted === true ? [...variables.flatMap((name) => env[name] ?? []), ...usual] : [wanted]
  for (const file of candidates) if (await isReadable(file)) return file
  throw new DevkError(
    'CONFIG_INVALID',
    wanted === true
      ? 'build.caCertificates is true, but this machine has no CA bundle'
      : `The CA bundle ${wanted} does not exist`,
    { hint: 'Set build.caCertificates to the path of a PEM file, or SSL_CERT_FILE in the environment.' },
  )
}

async function isReadable(file: string): Promise<boolean> {
  try {
    await access(file)
    return true
  } catch {
    return false
  }
}
