import { DevkError } from '../errors.ts'
import type { KubeObject } from '../kube/api.ts'
import { isRecord } from '../lib/record.ts'
import { lenientValue } from '../lib/yaml.ts'
import { toObjects } from '../manifests/rendered.ts'
import { shaped } from '../manifests/shape.ts'
import { parseYaml } from '../manifests/yaml.ts'
import type { FoundManifest } from './found.ts'

/**
 * What a text holds for Kubernetes: its objects, and what is wrong with it. undefined for other YAML and JSON, and for
 * files of tools that only look like manifests. Never throws. Pure.
 */
export function manifestIn(file: string, text: string): FoundManifest | undefined {
  if (!/^[ \t{,]*["']?apiVersion["']?\s*:/m.test(text) || !/["']?\bkind["']?\s*:/.test(text)) return undefined
  try {
    const documents = parseYaml(text, file)
    const values = documents.map(({ value }) => value).filter((value) => isObject(value) || isList(value))
    if (values.length === 0 || values.every((value) => isOfTool(value as unknown as KubeObject))) return undefined
    const objects = toObjects(documents, file, true).map(({ object }) => object)
    return objects.length === 0 ? undefined : { file, objects, problem: undefined }
  } catch (error) {
    const objects = understood(text)
    if (objects.length > 0 && objects.every(isOfTool)) return undefined
    if (!(error instanceof DevkError)) return { file, objects, problem: `${file} cannot be read.` }
    return { file, objects, problem: problemText(file, text, error) }
  }
}

function problemText(file: string, text: string, { message, details = [] }: DevkError): string {
  const variables = [...new Set([...text.matchAll(/\{\{-?\s*([^}]*?)\s*-?\}\}/g)].map(([, name = '']) => name))]
  if (variables.length > 0 && /YAML/.test(message)) {
    const shown = variables.slice(0, 3).map((name) => `{{ ${name} }}`)
    return `${file} is a template (${shown.join(', ')}): render it, and name the result in deploy.manifests.`
  }
  const [, line = 0] = /:(\d+):\d+: /.exec(details[0] ?? '') ?? []
  const written = /\$\{[A-Za-z_]\w*[^}]*\}/.exec(text.split('\n')[Number(line) - 1] ?? '')?.[0]
  if (written !== undefined && /YAML/.test(message)) {
    const fix = 'name the output of envsubst in deploy.manifests'
    return `${file}:${line} has ${written}, which devk does not fill in: ${fix}.`
  }
  return `${details[0] ?? message}.`.replace(/\.\.$/, '.')
}

/** The objects of a text, as far as it can be read: without templates, without values that make no sense. */
export function understood(text: string): KubeObject[] {
  const plain = text.replace(/^[ \t]*\{\{.*\}\}[ \t]*$/gm, '').replace(/\{\{.*?\}\}/g, '')
  return plain.split(/^---.*$/m).flatMap((part) => {
    const read = lenientValue(part)
    const value = 'value' in read ? read.value : undefined
    const items = isList(value) ? (value.items as unknown[]) : [value]
    return items.flatMap((item) => {
      if (!isObject(item)) return []
      const { object, problems } = shaped(item as unknown as KubeObject)
      return problems.length === 0 ? [object] : []
    })
  })
}

type Loose = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Loose {
  if (!isRecord(value) || typeof value.apiVersion !== 'string' || typeof value.kind !== 'string') return false
  const name = isRecord(value.metadata) ? value.metadata.name : undefined
  // A name of another type is a mistake to tell, not another kind of file.
  return typeof name === 'string' ? name !== '' : typeof name === 'number' || typeof name === 'boolean'
}

function isList(value: unknown): value is Loose {
  return isRecord(value) && typeof value.kind === 'string' && /List$/.test(value.kind) && Array.isArray(value.items)
}

/** API groups of files that a tool on the developer's machine, or another server, reads. */
const toolGroups = new RegExp(
  `^(${[
    'skaffold',
    '.*eksctl\\.io',
    'kind\\.x-k8s\\.io',
    'k3d\\.io',
    'ctlptl\\.dev',
    'backstage\\.io',
    'kustomize\\.config\\.k8s\\.io',
    'builtin',
    '(kubeadm|kops|audit)\\.k8s\\.io',
    '(kubelet|kubeproxy|apiserver|kubescheduler)\\.config\\.k8s\\.io',
    '.*\\.toolkit\\.fluxcd\\.io',
    'tekton\\.dev|triggers\\.tekton\\.dev',
    'config\\.gatekeeper\\.sh',
    'deploy\\.cloud\\.google\\.com',
    'cluster\\.x-k8s\\.io',
    'client\\.authentication\\.k8s\\.io',
    'telepresence\\.io',
    'garden\\.io',
  ].join('|')})(/|$)`,
)
/** Objects by which another server deploys a repository. */
const deployers = /^argoproj\.io\/\w+ (Application|ApplicationSet|AppProject)$/

/** Whether an object is no part of the application, but tells a tool what to do. Pure. */
function isOfTool({ apiVersion, kind }: KubeObject): boolean {
  return (
    toolGroups.test(apiVersion) || deployers.test(`${apiVersion} ${kind}`) || (apiVersion === 'v1' && kind === 'Config')
  )
}
