const codenames = ['bullseye', 'bookworm', 'trixie', 'forky']

/** A Debian archive, without the release to take from it. */
export interface AptSource {
  readonly uri: string
  /** The part of the suite's name after the codename of the release. */
  readonly pocket: '' | '-updates' | '-security'
}

/**
 * Finds the Debian archives in the package sources of a machine. Takes the contents of its .list and .sources files
 * (see sources.list(5)). Leaves out source packages, disabled entries and entries without the component main. Leaves
 * out addresses with a login: they would be in every image, for everybody to read.
 */
export function debianSources(files: readonly string[]): AptSource[] {
  const found = new Map<string, AptSource>()
  for (const { uri, suite } of files.flatMap((file) => [...oneLine(file), ...stanzas(file)])) {
    const codename = codenames.find((name) => suite === name || suite.startsWith(`${name}-`))
    if (!codename || /^[^/]*\/\/[^/]*@/.test(uri)) continue
    const pocket = suite.slice(codename.length)
    if (pocket !== '' && pocket !== '-updates' && pocket !== '-security') continue
    found.set(`${uri} ${pocket}`, { uri, pocket })
  }
  return [...found.values()]
}

interface Entry {
  readonly uri: string
  readonly suite: string
}

function oneLine(file: string): Entry[] {
  const lines = file.matchAll(/^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)$/gm)
  return [...lines].flatMap(([, uri, suite, components]) =>
    uri && suite && components?.split(/\s+/).includes('main') ? [{ uri, suite }] : [],
  )
}

function stanzas(file: string): Entry[] {
  return file.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string): string[] =>
      stanza
        .match(new RegExp(`^${name}:(.*)$`, 'im'))?.[1]
        ?.trim()
        .split(/\s+/) ?? []
    if (!field('Types').includes('deb') || !field('Components').includes('main')) return []
    if (field('Enabled').includes('no')) return []
    return field('URIs').flatMap((uri) => field('Suites').map((suite) => ({ uri, suite })))
  })
}

/** A .sources file for the Debian release `codename` that names the same archives as the machine. */
export function imageSources(sources: readonly AptSource[], codename: string): string {
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
  return sources
    .map(({ uri, pocket }) =>
      [
        'Types: deb',
        `URIs: ${uri}`,
        `Suites: ${codename}${pocket}`,
        'Components: main',
        `Signed-By: ${keyring}`,
        '',
      ].join('\n'),
    )
    .join('\n')
}

/**
 * The lines of `apt-config dump` that APT needs to reach the archives. Leaves out proxies whose URL has credentials.
 */
export function accessSettings(dump: string): string {
  const wanted = /^Acquire::(Check-Valid-Until|Check-Date|Retries|https?::Proxy) "[^"@]*";$/
  const lines = dump.split('\n').filter((line) => wanted.test(line))
  return lines.map((line) => `${line}\n`).join('')
}
