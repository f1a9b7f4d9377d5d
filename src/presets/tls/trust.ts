/** What a machine does about a certificate authority. */
export type TrustChange = 'install' | 'remove'

/** How a machine comes to trust a certificate authority, or to trust it no longer. */
export interface TrustSteps {
  /** Argument vectors, to be run in this order. */
  readonly commands: readonly (readonly string[])[]
  /** Whether they need root. */
  readonly root: boolean
  /** What they do not reach, and the command for it. */
  readonly also: string | undefined
}

/**
 * The steps for this platform; on Linux by the program there is, `update-ca-certificates` (Debian, Ubuntu, Alpine, SUSE) or `trust`
 * (Fedora, Arch). undefined where neither is known. `file` is the authority's certificate, `sha1` its fingerprint in hexadecimal
 * digits. Pure.
 */
export function trustSteps(
  change: TrustChange,
  platform: NodeJS.Platform,
  { file, sha1 }: { readonly file: string; readonly sha1: string },
  programs: ReadonlySet<string>,
): TrustSteps | undefined {
  const of = <T>(ways: Readonly<Record<TrustChange, T>>): T => ways[change]
  if (platform === 'darwin') {
    const keychain = 'login.keychain-db'
    const install = ['add-trusted-cert', '-r', 'trustRoot', '-k', keychain, file]
    const remove = ['delete-certificate', '-t', '-Z', sha1, keychain]
    return { commands: [['security', ...of({ install, remove })]], root: false, also: undefined }
  }
  if (platform === 'win32') {
    const way = of({ install: ['-addstore', 'Root', file], remove: ['-delstore', 'Root', sha1] })
    return { commands: [['certutil', '-user', ...way]], root: false, also: undefined }
  }
  const browsers = of({ install: `-A -t C,, -n devk -i ${file}`, remove: '-D -n devk' })
  const also = `Browsers keep their own list: certutil -d sql:$HOME/.pki/nssdb ${browsers}`
  if (programs.has('update-ca-certificates')) {
    const place = '/usr/local/share/ca-certificates/devk.crt'
    const own = of({ install: ['install', '-m', '644', file, place], remove: ['rm', '-f', place] })
    return { commands: [own, ['update-ca-certificates']], root: true, also }
  }
  if (!programs.has('trust')) return undefined
  return { commands: [['trust', 'anchor', of({ install: '--store', remove: '--remove' }), file]], root: true, also }
}

/**
 * One line that shows how a host is asked with the authority's certificate: the names below `localhost` lead here by themselves, others are
 * led. Pure.
 */
export function curlLine(file: string, host: string, httpsPort: number): string {
  const isLocal = host.endsWith('.localhost')
  const port = httpsPort === 443 || !isLocal ? '' : `:${httpsPort}`
  const way = isLocal ? '' : ` --connect-to ::127.0.0.1:${httpsPort}`
  return `curl --cacert ${file}${way} https://${host}${port}`
}
