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
  const one = (install: readonly string[], remove: readonly string[]) => [change === 'install' ? install : remove]
  if (platform === 'darwin') {
    const keychain = 'login.keychain-db'
    const add = ['security', 'add-trusted-cert', '-r', 'trustRoot', '-k', keychain, file]
    const commands = one(add, ['security', 'delete-certificate', '-t', '-Z', sha1, keychain])
    return { commands, root: false, also: undefined }
  }
  if (platform === 'win32') {
    const store = ['certutil', '-user']
    const commands = one([...store, '-addstore', 'Root', file], [...store, '-delstore', 'Root', sha1])
    return { commands, root: false, also: undefined }
  }
  const [browsers = []] = one(['-A', '-t', 'C,,', '-n', 'devk', '-i', file], ['-D', '-n', 'devk'])
  const also = `Browsers keep their own list: certutil -d sql:$HOME/.pki/nssdb ${browsers.join(' ')}`
  if (programs.has('update-ca-certificates')) {
    const place = '/usr/local/share/ca-certificates/devk.crt'
    const commands = [...one(['install', '-m', '644', file, place], ['rm', '-f', place]), ['update-ca-certificates']]
    return { commands, root: true, also }
  }
  if (!programs.has('trust')) return undefined
  const commands = one(['trust', 'anchor', '--store', file], ['trust', 'anchor', '--remove', file])
  return { commands, root: true, also }
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
