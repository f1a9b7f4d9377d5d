import { manifestsFromCompose } from '../../../../src/init/generate/generate.ts'
import { kubectlDocuments } from '../../../../src/lib/yaml.ts'
import { repository } from '../../readers/repository.ts'

interface Made {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: Record<string, unknown>
}

/** The manifests of a repository. */
export const generate = (files: Record<string, string>) => manifestsFromCompose(repository(files))
/** The manifests of a Compose file. */
export const compose = (text: string, more: Record<string, string> = {}) => generate({ 'compose.yaml': text, ...more })

/** The objects of all files, by kind and name. */
export function objects(made: ReturnType<typeof compose>): Map<string, Made> {
  const texts = Object.entries(made?.files ?? {}).filter(([file]) => !file.endsWith('kustomization.yaml'))
  const all = texts.flatMap(([, text]) => {
    const read = kubectlDocuments(text)
    return 'documents' in read ? read.documents.map(({ value }) => value as Made) : [{ kind: 'broken' } as Made]
  })
  return new Map(all.map((object) => [`${object.kind}/${object.metadata?.name}`, object]))
}

interface Template {
  readonly template: { readonly spec: { readonly containers: readonly object[]; readonly volumes?: readonly object[] } }
}

/** The pod of a workload. */
export const podOf = (made: ReturnType<typeof compose>, workload: string) => {
  const spec = objects(made).get(workload)?.spec as Template | undefined
  if (spec === undefined) throw new Error(`There is no ${workload}`)
  return spec.template.spec
}
/** Its first container. */
export const containerOf = (made: ReturnType<typeof compose>, workload: string) => podOf(made, workload).containers[0]
