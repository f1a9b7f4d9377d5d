/** How a machine comes to trust a certificate authority. */
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
 * (Fedora, Arch). undefined where neither is known. Pure.
 */
export function trustSteps(
  platform: NodeJS.Platform,
  file: string,
  programs: ReadonlySet<string>,
): TrustSteps | undefined {
  if (platform === 'darwin') {
    const keychain = ['-k', 'login.keychain-db']
    return {
      commands: [['security', 'add-trusted-cert', '-r', 'trustRoot', ...keychain, file]],
      root: false,
      also: undefined,
    }
  }
  if (platform === 'win32') {
    return { commands: [['certutil', '-user', '-addstore', 'Root', file]], root: false, also: undefined }
  }
  const also = `Browsers keep their own list: certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n devk -i ${file}`
  if (programs.has('update-ca-certificates')) {
    const place = '/usr/local/share/ca-certificates/devk.crt'
    return { commands: [['install', '-m', '644', file, place], ['update-ca-certificates']], root: true, also }
  }
  return programs.has('trust') ? { commands: [['trust', 'anchor', '--store', file]], root: true, also } : undefined
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
