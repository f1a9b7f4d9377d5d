import { dirname, normalize } from 'node:path/posix'
import { isRecord } from '../lib/record.ts'
import { lenientValue } from '../lib/yaml.ts'
import type { FoundKustomization } from './found.ts'

type Content = Readonly<Record<string, unknown>>

/** Names of the file of a kustomization. */
export const kustomizationFile = /^[Kk]ustomization(\.ya?ml)?$/

/** Kustomizations from the texts of their files; and the files and folders that they use. Pure. */
export function kustomizationsIn(texts: ReadonlyMap<string, string>): {
  readonly kustomizations: FoundKustomization[]
  readonly used: ReadonlySet<string>
} {
  const all = [...texts].map(([file, text]) => {
    const read = lenientValue(text)
    const content: Content = 'value' in read && isRecord(read.value) ? read.value : {}
    return { folder: dirname(file), content, uses: usedBy(dirname(file), content) }
  })
  const used = new Set(all.flatMap(({ uses }) => uses))
  const kustomizations = all
    .filter(({ content }) => content.kind !== 'Component')
    .map(({ folder, uses }) => ({ folder, uses, isTop: !used.has(folder) }))
  return { kustomizations, used }
}

/** Files and folders that a kustomization uses. */
function usedBy(folder: string, content: Content): string[] {
  const lists = ['resources', 'bases', 'components', 'patchesStrategicMerge', 'crds'].flatMap(
    (key) => content[key] ?? [],
  )
  const patches = [content.patches, content.patchesJson6902].flat().flatMap((each) => (isRecord(each) ? each.path : []))
  return [...lists, ...patches].flatMap((entry) =>
    typeof entry === 'string' && !/\n|:\/\//.test(entry) ? [normalize(`${folder}/${entry}`).replace(/\/$/, '')] : [],
  )
}
