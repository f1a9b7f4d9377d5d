import type { ProxyFacts } from './facts.ts'

/** Proxy settings and the certificate authority that the environment names. Pure. */
export function proxyFacts(env: Readonly<Record<string, string | undefined>>): ProxyFacts {
  const value = (name: string) => env[name] || env[name.toLowerCase()] || undefined
  const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => {
    const address = value(name)
    return address === undefined ? [] : [`${name}=${withoutCredentials(address)}`]
  })
  const exempt = (value('NO_PROXY') ?? '').split(',').map((each) => each.trim())
  const certificates = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE'].map(value)
  return {
    variables,
    loopbackExempt: exempt.some((each) => ['*', 'localhost', '127.0.0.1', '127.0.0.0/8'].includes(each)),
    certificates: certificates.find((each) => each !== undefined),
  }
}

function withoutCredentials(address: string): string {
  return address.replace(/\/\/[^@/]*@/, '//')
}
