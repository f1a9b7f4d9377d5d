import type { ComposeProject } from '../../readers/compose/project.ts'
import type { OpenPoint, Repository } from '../../readers/facts.ts'
import type { Located } from '../../readers/located.ts'
import { folderOf, pathIn } from '../../readers/paths.ts'
import { kubeName } from './names.ts'

/** Secrets and configs of Compose that services mount as files. */
export interface MountedFiles {
  readonly volumes: readonly object[]
  readonly mounts: readonly object[]
}

type Kind = 'secrets' | 'configs'

/** The top-level secrets and configs of a project: their texts, and what cannot be read. */
export class SharedFiles {
  readonly open: OpenPoint[] = []
  readonly #texts = new Map<string, string>()

  constructor({ sections }: ComposeProject, repository: Repository) {
    for (const kind of ['secrets', 'configs'] as const) {
      for (const [name, entry] of sections.flatMap((section) => section.get(kind).entries())) {
        const text = textOf(entry, repository)
        if (text !== undefined) this.#texts.set(`${kind}/${name}`, text)
        else this.open.push({ place: entry.place, message: `No file of the repository has the value of ${name}.` })
      }
    }
  }

  /** What a service mounts. */
  of(layers: readonly Located[]): MountedFiles {
    const volumes: object[] = []
    const mounts: object[] = []
    for (const kind of ['secrets', 'configs'] as const) {
      for (const item of layers.flatMap((layer) => layer.get(kind).items())) {
        const source = item.text() ?? item.get('source').text() ?? ''
        if (!this.#texts.has(`${kind}/${source}`)) continue
        const own = kubeName(source)
        const written = item.get('target').text() ?? source
        const folder = kind === 'secrets' ? '/run/secrets/' : '/'
        const volume = `${kind}-${own}`
        volumes.push({
          name: volume,
          ...(kind === 'secrets' ? { secret: { secretName: own } } : { configMap: { name: own } }),
        })
        mounts.push({
          name: volume,
          mountPath: written.startsWith('/') ? written : `${folder}${written}`,
          subPath: own,
          readOnly: true,
        })
      }
    }
    return { volumes, mounts }
  }

  /** The Secrets and ConfigMaps themselves. */
  objects(): object[] {
    return [...this.#texts].map(([key, text]) => {
      const [kind, name = ''] = key.split(/\/(.*)/s) as [Kind, string]
      const metadata = { name: kubeName(name) }
      if (kind === 'configs') return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [metadata.name]: text } }
      return { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { [metadata.name]: text } }
    })
  }
}

function textOf(entry: Located, repository: Repository): string | undefined {
  const content = entry.get('content').text()
  const file = entry.get('file').text()
  if (content !== undefined || file === undefined) return content
  return repository.read(pathIn(folderOf(entry.place.file), file) ?? '')
}
