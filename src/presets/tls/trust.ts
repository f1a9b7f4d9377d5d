/** Whether to make a machine trust a certificate authority, or to undo that. */
export type TrustChange = 'install' | 'remove'

/** How to make a machine trust a certificate authority, or to undo that. */
export interface TrustSteps {
  /** Commands to run in this order, each as a list of the program and its arguments. */
  readonly commands: readonly (readonly string[])[]
  /** Whether the commands need root. */
  readonly root: boolean
  /** A sentence with the command for programs that the other commands do not cover. */
  readonly also: string | undefined
}

/**
 * The steps for a platform. On Linux they use the program in `programs` that is installed: `update-ca-certificates`
 * (Debian, Ubuntu, Alpine, SUSE) or `trust` (Fedora, Arch). Returns undefined if neither is. `file` is the path of the
 * certificate of the authority, and `sha1` its fingerprint in hexadecimal digits. Pure.
 */
export function trustSteps(
  change: TrustChange,
  platform: NodeJS.Platform,
  { file, sha1 }: { readonly file: string; readonly sha1: string },
  programs: ReadonlySet<string>,
): TrustSteps | undefined {
  const of = <T>(variants: Readonly<Record<TrustChange, T>>): T => variants[change]
  if (platform === 'darwin') {
    const keychain = 'login.keychain-db'
    const install = ['add-trusted-cert', '-r', 'trustRoot', '-k', keychain, file]
    const remove = ['delete-certificate', '-t', '-Z', sha1, keychain]
    return { commands: [['security', ...of({ install, remove })]], root: false, also: undefined }
  }
  if (platform === 'win32') {
    const action = of({ install: ['-addstore', 'Root', file], remove: ['-delstore', 'Root', sha1] })
    return { commands: [['certutil', '-user', ...action]], root: false, also: undefined }
  }
  const browsers = of({ install: `-A -t C,, -n devk -i ${file}`, remove: '-D -n devk' })
  const also = `Browsers have their own list of authorities: certutil -d sql:$HOME/.pki/nssdb ${browsers}`
  if (programs.has('update-ca-certificates')) {
    const place = '/usr/local/share/ca-certificates/devk.crt'
    const copy = of({ install: ['install', '-m', '644', file, place], remove: ['rm', '-f', place] })
    return { commands: [copy, ['update-ca-certificates']], root: true, also }
  }
  if (!programs.has('trust')) return undefined
  return { commands: [['trust', 'anchor', of({ install: '--store', remove: '--remove' }), file]], root: true, also }
}

/**
 * A curl command that calls a host at the local port `httpsPort` and trusts the authority in `file`. Host names that do
 * not end in `.localhost` need an option, since they do not resolve to this machine. Pure.
 */
export function curlLine(file: string, host: string, httpsPort: number): string {
  const isLocal = host.endsWith('.localhost')
  const port = httpsPort === 443 || !isLocal ? '' : `:${httpsPort}`
  const connect = isLocal ? '' : ` --connect-to ::127.0.0.1:${httpsPort}`
  return `curl --cacert ${file}${connect} https://${host}${port}`
}
