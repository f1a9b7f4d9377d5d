import { DevkError } from '../errors.ts'
import { type KubeObject, keyOf, nameOf } from '../kube/api.ts'
import type { YamlDocument } from '../lib/yaml.ts'

/** Where an object comes from; `line` is known for plain files only. */
export interface Origin {
  readonly file: string
  readonly line: number | undefined
}

/** An object as the manifests write it. */
export interface RenderedObject {
  readonly object: KubeObject
  readonly origin: Origin
  /** For an object that names no namespace, when its release has one of its own. */
  readonly namespace?: string
}

/** `k8s/backend.yaml:12`. */
export function placeOf(origin: Origin): string {
  return origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`
}

/**
 * The documents as objects, Lists taken apart. `lines` says whether line numbers mean something to the user.
 * Throws MANIFEST_INVALID for what is no Kubernetes object, with every such place.
 */
export function toObjects(documents: readonly YamlDocument[], file: string, lines: boolean): RenderedObject[] {
  const problems: string[] = []
  const objects: RenderedObject[] = []
  const add = (value: unknown, origin: Origin) => {
    const items = listItems(value)
    if (items) {
      for (const item of items) add(item, origin)
      return
    }
    const problem = problemOf(value)
    if (problem === undefined) objects.push({ object: value as KubeObject, origin })
    else problems.push(`${placeOf(origin)}: ${problem}`)
  }
  for (const { value, line } of documents) add(value, { file, line: lines ? line : undefined })
  if (problems.length > 0) {
    throw new DevkError('MANIFEST_INVALID', `${file} holds something that is no Kubernetes object`, {
      details: problems,
      hint: 'Each document needs apiVersion, kind and metadata.name.',
    })
  }
  return objects
}

function listItems(value: unknown): unknown[] | undefined {
  if (!isRecord(value) || typeof value.kind !== 'string' || !value.kind.endsWith('List')) return undefined
  return Array.isArray(value.items) ? value.items : undefined
}

function problemOf(value: unknown): string | undefined {
  if (!isRecord(value)) return 'must be a mapping'
  for (const field of ['apiVersion', 'kind']) {
    if (typeof value[field] !== 'string' || value[field] === '') return `${field} is missing`
  }
  const meta = value.metadata
  if (!isRecord(meta)) return 'metadata is missing'
  if (meta.generateName !== undefined && meta.name === undefined) {
    return 'metadata.generateName gives a new object at each apply; use metadata.name'
  }
  if (meta.name === undefined || meta.name === null || meta.name === '') return 'metadata.name is missing'
  if (typeof meta.name !== 'string')
    return `metadata.name is read as ${JSON.stringify(meta.name)}; put quotes around it`
  return undefined
}

/** Throws MANIFEST_INVALID when two places describe the same object; names both places of each. */
export function rejectDuplicates(objects: readonly RenderedObject[]): void {
  const seen = new Map<string, RenderedObject>()
  const problems: string[] = []
  for (const entry of objects) {
    const key = keyOf(entry.object)
    const first = seen.get(key)
    if (first === undefined) seen.set(key, entry)
    else problems.push(`${nameOf(entry.object)}: ${placeOf(first.origin)} and ${placeOf(entry.origin)}`)
  }
  if (problems.length === 0) return
  throw new DevkError('MANIFEST_INVALID', 'The manifests describe the same object twice', {
    details: problems,
    hint: 'Remove one of each pair, or rename it.',
  })
}

/** Whether a value is a mapping. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
