import { DevkError } from '../errors.ts'
import { type KubeObject, keyOf, nameOf } from '../kube/api.ts'
import { isRecord } from '../lib/record.ts'
import type { YamlDocument } from '../lib/yaml.ts'
import type { Hook } from './helm/hooks.ts'
import { shaped } from './shape.ts'

/** The position of an object in the manifests. `line` is known for plain manifests only. */
export interface Origin {
  readonly file: string
  readonly line: number | undefined
}

/** A step to a field: the key of a mapping, or an item of a list by its place and, if it has one, its name. */
export type FieldStep = string | { readonly index: number; readonly name: string | undefined }

/** A field with a random value, such as a password. Two renderings have different values there. */
export interface GeneratedValue {
  readonly path: readonly FieldStep[]
  readonly value: unknown
  /** The value of the second rendering. */
  readonly other: unknown
}

/** The Helm release that an object is part of. */
export interface ReleaseRef {
  /** Namespace and name: `shop/web`. */
  readonly name: string
  /** For an object that Helm applies as a hook. */
  readonly hook?: Hook
}

/** A rendered object, before devk changes it. */
export interface RenderedObject {
  readonly object: KubeObject
  readonly origin: Origin
  /** The namespace of its Helm release, for an object without one. */
  readonly namespace?: string
  /** The Helm release that it is part of. */
  readonly release?: ReleaseRef
  /** Its fields that a chart generates again at each rendering. */
  readonly generated?: readonly GeneratedValue[]
}

/** The position as messages show it: `k8s/backend.yaml:12`. */
export function placeOf(origin: Origin): string {
  return origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`
}

/**
 * The documents as objects. A List becomes its items. `lines`: whether the file is the user's, so that its line numbers
 * help. Throws MANIFEST_INVALID with the position of everything that is not a Kubernetes object.
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
    if (problem !== undefined) {
      problems.push(`${placeOf(origin)}: ${problem}`)
      return
    }
    const { object, problems: found } = shaped(value as KubeObject)
    objects.push({ object, origin })
    problems.push(...found.map((each) => `${placeOf(origin)}: ${object.kind}/${object.metadata.name}: ${each}`))
  }
  for (const { value, line } of documents) add(value, { file, line: lines ? line : undefined })
  if (problems.length > 0) {
    // Values of a chart or a file of Docker Compose, for example.
    const isOther = lines && documents.every(({ value }) => !isRecord(value) || !('kind' in value || 'items' in value))
    throw new DevkError('MANIFEST_INVALID', `${file} has a document that is not a Kubernetes object`, {
      details: problems,
      hint: isOther
        ? 'If the file is no manifest, name the other files or a pattern in deploy.manifests, or move it.'
        : 'Each document needs apiVersion, kind and metadata.name, and the fields that Kubernetes describes.',
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
    return 'metadata.generateName creates a new object at each apply; use metadata.name'
  }
  if (meta.name === undefined || meta.name === null || meta.name === '') return 'metadata.name is missing'
  if (typeof meta.name !== 'string')
    return `metadata.name is ${JSON.stringify(meta.name)}, not a string; put quotes around it`
  return undefined
}

/** Throws MANIFEST_INVALID with both positions when the manifests have the same object twice. */
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
  throw new DevkError('MANIFEST_INVALID', 'The manifests have the same object twice', {
    details: problems,
    hint: 'Remove one of each pair, or rename it.',
  })
}
