import { posix } from 'node:path'
import { chartMistake, isRemoteChart } from './chart-source.ts'
import type { PresetSource } from './schema-presets.ts'

/** The keys of an entry that say where its objects come from. It has exactly one of them. */
export const originKeys = ['chart', 'git', 'kustomize', 'manifests'] as const

/** What is wrong with a key of an entry. */
interface SourceMistake {
  readonly path: readonly (string | number)[]
  readonly message: string
  readonly fix?: string | undefined
}

/** The name of a preset that the configuration describes: its own, or one from where it lies. Pure. */
export function sourceName({ name, chart, git, kustomize, manifests, path }: PresetSource): string {
  if (name !== undefined) return name
  const origin = chart ?? path ?? git ?? kustomize ?? manifests?.[0] ?? ''
  const last = posix.basename(origin.replaceAll('\\', '/').replace(/[?#].*$/, ''))
  const plain = last.replace(/\.(git|ya?ml|json|tgz|tar\.gz)$/, '').replace(/-v?\d+\.\d+.*$/, '')
  return plain.toLowerCase().replaceAll(/[_.]/g, '-')
}

/** Whether manifests lie behind a URL, so that they must be fetched. Pure. */
export function isRemoteFile(path: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(path)
}

/** Why devk fetches nothing from a URL; undefined if it does. Only this machine itself may answer without TLS. Pure. */
export function urlMistake(text: string): { readonly message: string; readonly fix: string } | undefined {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.hostname === '') {
    return { message: 'is not a URL that devk fetches from', fix: 'write https://HOST/PATH' }
  }
  if (url.username !== '' || url.password !== '') {
    return { message: 'contains credentials', fix: 'remove them; for Git, store them with `git credential`' }
  }
  if (url.protocol === 'https:' || isLoopback(url.hostname)) return undefined
  return { message: 'is fetched without encryption, so that others could change it', fix: 'write https:' }
}

/** Whether a host of a URL is this machine. Pure. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/** What is wrong with an entry by itself, without a look at files. Pure. */
export function sourceMistakes(entry: PresetSource): SourceMistake[] {
  const origins = originKeys.filter((key) => entry[key] !== undefined)
  if (origins.length !== 1) {
    const message = origins.length === 0 ? 'does not say where the preset comes from' : `has ${origins.join(' and ')}`
    return [{ path: [], message, fix: `set one of ${originKeys.join(', ')}` }]
  }
  const { chart, repo, version, git, path, ref, values, set, manifests = [] } = entry
  const only = (keys: readonly string[], isWanted: boolean, of: string): SourceMistake[] =>
    isWanted ? [] : keys.map((key) => ({ path: [key], message: `is only for ${of}`, fix: 'remove it' }))
  const given = (fields: Record<string, unknown>) => Object.keys(fields).filter((key) => fields[key] !== undefined)
  const hasValues = { values: values.length > 0 || undefined, set: Object.keys(set).length > 0 || undefined }
  const mistake = chart === undefined ? undefined : chartMistake({ chart, repo, version })
  const urls = [
    ...(git === undefined ? [] : [[['git'], git] as const]),
    ...chartUrls(entry),
    ...manifests.flatMap((file, i) => (isRemoteFile(file) ? [[['manifests', i], file] as const] : [])),
  ]
  const leaves = path !== undefined && (posix.isAbsolute(path) || posix.normalize(path).split('/')[0] === '..')
  const name = sourceName(entry)
  return [
    ...only(given({ repo, version }), chart !== undefined, 'a chart'),
    ...only(given(hasValues), chart !== undefined || git !== undefined, 'charts'),
    ...only(given({ path, ref }), git !== undefined, 'git'),
    ...(mistake === undefined ? [] : [{ path: [mistake.key], message: mistake.message, fix: mistake.fix }]),
    ...urls.flatMap(([at, url]) => {
      const found = urlMistake(url)
      return found === undefined || mistake !== undefined ? [] : [{ path: [...at], ...found }]
    }),
    ...(leaves
      ? [{ path: ['path'], message: 'must be a folder in the repository', fix: 'write deploy/overlays/dev' }]
      : []),
    ...(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)
      ? []
      : [{ path: [], message: `has no name: "${name}" cannot be one`, fix: 'set name' }]),
  ]
}

function chartUrls({ chart = '', repo, version }: PresetSource): (readonly [readonly string[], string])[] {
  if (!isRemoteChart({ chart, repo, version })) return []
  const url = repo ?? chart
  // helm itself speaks TLS with a registry.
  return url.startsWith('oci:') ? [] : [[[repo === undefined ? 'chart' : 'repo'], url]]
}
