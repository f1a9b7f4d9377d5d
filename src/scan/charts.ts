import { basename, dirname } from 'node:path/posix'
import { isRecord } from '../lib/record.ts'
import { lenientValue } from '../lib/yaml.ts'
import type { FoundChart } from './found.ts'
import { isBelow } from './paths.ts'

/**
 * The charts that can be installed, from the texts of their Chart.yaml: no libraries, no parts of other charts, none
 * that a kustomization inflates. Pure.
 */
export function chartsIn(
  texts: ReadonlyMap<string, string>,
  files: readonly string[],
  kustomizations: readonly string[],
): FoundChart[] {
  const folders = [...texts.keys()].map((file) => dirname(file))
  const inner = [...folders, ...kustomizations].map((folder) => (folder === '.' ? 'charts' : `${folder}/charts`))
  return [...texts].flatMap(([file, text]): FoundChart[] => {
    const folder = dirname(file)
    const read = lenientValue(text)
    const { name, type }: Readonly<Record<string, unknown>> = 'value' in read && isRecord(read.value) ? read.value : {}
    if (type === 'library' || inner.some((parent) => isBelow(folder, parent))) return []
    const values = files.filter((each) => dirname(each) === folder && /^values.+\.ya?ml$/.test(basename(each)))
    const own = basename(folder === '.' ? 'chart' : folder)
    return [{ folder, name: typeof name === 'string' && name !== '' ? name : own, values }]
  })
}
