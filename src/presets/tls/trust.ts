import { X509Certificate } from 'node:crypto'

/** A certificate authority as programs for trusted authorities name it: a file, and fingerprints without colons. */
export interface Anchor {
  /** The path of its certificate. */
  readonly file: string
  readonly sha1: string
  readonly sha256: string
}

/** The authorities that a machine should trust from now on, and those that it should no longer trust. */
export interface TrustChange {
  readonly install: readonly Anchor[]
  readonly remove: readonly Anchor[]
}

/** One command of a change. */
export interface TrustCommand {
  readonly argv: readonly string[]
  /** The authorities that the machine no longer trusts once the command has succeeded. */
  readonly removed: readonly Anchor[]
}

/** How to change what a machine trusts. */
export interface TrustSteps {
  /** Commands to run in this order. */
  readonly commands: readonly TrustCommand[]
  /** Whether the commands need root. */
  readonly root: boolean
  /** Commands for browsers, which have their own list of authorities that the other commands do not change. */
  readonly browsers: readonly string[]
}

/** Where earlier versions of devk put the only authority on Debian. */
export const earlierPlace = '/usr/local/share/ca-certificates/devk.crt'

/** Where devk puts an authority on Debian. Pure. */
export const debianPlace = ({ sha256 }: Pick<Anchor, 'sha256'>) =>
  `/usr/local/share/ca-certificates/devk-${sha256.slice(0, 16).toLowerCase()}.crt`

/** Describes the authority whose certificate (PEM) is in a file. */
export function anchorOf(file: string, certificate: string): Anchor {
  const { fingerprint, fingerprint256 } = new X509Certificate(certificate)
  return { file, sha1: fingerprint.replaceAll(':', ''), sha256: fingerprint256.replaceAll(':', '') }
}

/**
 * The steps for a platform. On Linux they use the program in `programs` that is installed: `update-ca-certificates`
 * (Debian, Ubuntu, Alpine, SUSE) or `trust` (Fedora, Arch). Returns undefined if neither is. Pure.
 */
export function trustSteps(
  { install, remove }: TrustChange,
  platform: NodeJS.Platform,
  programs: ReadonlySet<string>,
): TrustSteps | undefined {
  const each = (of: (action: 'install' | 'remove', anchor: Anchor) => readonly string[]): TrustCommand[] => [
    ...install.map((anchor) => ({ argv: of('install', anchor), removed: [] })),
    ...remove.map((anchor) => ({ argv: of('remove', anchor), removed: [anchor] })),
  ]
  if (platform === 'darwin') return { commands: each(ofKeychain), root: false, browsers: [] }
  if (platform === 'win32') return { commands: each(ofWindows), root: false, browsers: [] }
  const browsers = each(ofBrowsers).map(({ argv }) => argv.join(' '))
  if (programs.has('update-ca-certificates')) {
    const copies = install.map((anchor) => ['install', '-m', '644', anchor.file, debianPlace(anchor)])
    const files = [['rm', '-f', ...remove.map(debianPlace), earlierPlace], ...copies]
    const update = { argv: ['update-ca-certificates'], removed: remove }
    return { commands: [...files.map((argv) => ({ argv, removed: [] })), update], root: true, browsers }
  }
  if (!programs.has('trust')) return undefined
  const commands = each((action, { file }) => ['trust', 'anchor', action === 'install' ? '--store' : '--remove', file])
  return { commands, root: true, browsers }
}

function ofKeychain(action: 'install' | 'remove', { file, sha1 }: Anchor): readonly string[] {
  const keychain = 'login.keychain-db'
  return action === 'install'
    ? ['security', 'add-trusted-cert', '-r', 'trustRoot', '-k', keychain, file]
    : ['security', 'delete-certificate', '-t', '-Z', sha1, keychain]
}

function ofWindows(action: 'install' | 'remove', { file, sha1 }: Anchor): readonly string[] {
  return ['certutil', '-user', ...(action === 'install' ? ['-addstore', 'Root', file] : ['-delstore', 'Root', sha1])]
}

function ofBrowsers(action: 'install' | 'remove', { file, sha256 }: Anchor): readonly string[] {
  const name = `devk-${sha256.slice(0, 16).toLowerCase()}`
  const change = action === 'install' ? ['-A', '-t', 'C,,', '-n', name, '-i', file] : ['-D', '-n', name]
  return ['certutil', '-d', 'sql:$HOME/.pki/nssdb', ...change]
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
