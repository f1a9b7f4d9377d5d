import { patchMark } from '../../lib/keys.ts'
import { isRecord } from '../../lib/record.ts'
import { nearest } from '../../lib/text.ts'
import type { RenderedObject } from '../rendered.ts'
import type { Kustomization } from './tree.ts'

/** A patch with a target, which is a selector. kustomize (5.7) does not report a selector that selects nothing. */
export interface TargetedPatch {
  /** `['patches', 2]` in its kustomization. */
  readonly path: readonly [string, number]
  readonly target: Readonly<Record<string, unknown>>
}

const lists = ['patches', 'patchesJson6902'] as const

/**
 * The patches of a kustomization that have a target. [] when a plugin or a chart generates objects, which cannot be
 * known here. Pure.
 */
export function targetedPatches({ content }: Kustomization): TargetedPatch[] {
  if (['generators', 'helmCharts', 'helmChartInflationGenerator'].some((key) => entries(content, key).length > 0))
    return []
  return lists.flatMap((list) =>
    entries(content, list).flatMap((entry, index): TargetedPatch[] => {
      if (!isRecord(entry) || !isRecord(entry.target)) return []
      return [{ path: [list, index], target: entry.target }]
    }),
  )
}

/**
 * Whether a target selects one of the rendered objects. If not, it may still select one whose name was changed
 * afterwards.
 */
export function selectsRendered({ target }: TargetedPatch, objects: readonly RenderedObject[]): boolean {
  const { kind, name, group, version, ...others } = target
  if (Object.keys(others).length > 0) return false
  return objects.some(({ object }) => {
    const [own = '', ownVersion] = object.apiVersion.includes('/')
      ? object.apiVersion.split('/')
      : ['', object.apiVersion]
    const fields: [unknown, string | undefined][] = [
      [kind, object.kind],
      [name, object.metadata.name],
      [group, own],
      [version, ownVersion],
    ]
    return fields.every(([asked, has]) => asked === undefined || asked === '' || isWhole(String(asked), has ?? ''))
  })
}

/**
 * A copy of a kustomization with an additional patch before each targeted patch, which marks the objects that the
 * target selects. `moved` translates a path for the folder of the copy. Pure.
 */
export function marked({ content }: Kustomization, moved: (path: string) => string): Record<string, unknown> {
  const kept = ['resources', 'bases', 'components', 'crds', 'configurations'].flatMap((key) => {
    const list = entries(content, key)
    return list.length === 0 ? [] : [[key, list.map((entry) => (typeof entry === 'string' ? moved(entry) : entry))]]
  })
  const generators = ['configMapGenerator', 'secretGenerator'].flatMap((key) => {
    const list = entries(content, key).filter(isRecord)
    const plain = list.map(({ name, namespace, behavior }) => ({ name, namespace, behavior, literals: ['a=b'] }))
    return list.length === 0 ? [] : [[key, plain]]
  })
  const patches = lists.flatMap((list) =>
    entries(content, list).flatMap((entry, index) => {
      if (!isRecord(entry)) return []
      const own = typeof entry.path === 'string' ? { ...entry, path: moved(entry.path) } : entry
      return isRecord(entry.target) ? [{ target: entry.target, patch: marker(list, index) }, own] : [own]
    }),
  )
  return { ...Object.fromEntries([...kept, ...generators]), patches }
}

/** The targeted patches without a mark on any object of the marked kustomization. */
export function missed(patches: readonly TargetedPatch[], objects: readonly RenderedObject[]): TargetedPatch[] {
  const found = new Set(objects.flatMap(({ object }) => Object.keys(object.metadata.annotations ?? {})))
  return patches.filter(({ path: [list, index] }) => !found.has(`${patchMark.prefix}${list}-${index}`))
}

/** A sentence about a patch whose target selects nothing, with a suggestion. */
export function missText({ path: [list, index], target }: TargetedPatch, objects: readonly RenderedObject[]): string {
  const words = Object.entries(target).map(([key, value]) => `${key} ${String(value)}`)
  const same = objects.filter(({ object }) => target.kind === undefined || object.kind === target.kind)
  const name = nearest(String(target.name ?? ''), new Set(same.map(({ object }) => object.metadata.name)))
  const kind = nearest(String(target.kind ?? ''), new Set(objects.map(({ object }) => object.kind)))
  const meant = same.length === 0 ? kind : name
  const guess = meant === undefined ? '' : `; did you mean ${meant}?`
  return `${list}[${index}]: its target (${words.join(', ')}) selects none of the resources${guess}`
}

function marker(list: string, index: number): string {
  const annotations = { [`${patchMark.prefix}${list}-${index}`]: '' }
  return JSON.stringify({ apiVersion: patchMark.apiVersion, kind: 'Mark', metadata: { name: 'mark', annotations } })
}

function entries(content: Kustomization['content'], key: string): unknown[] {
  const value = content[key]
  return Array.isArray(value) ? value : []
}

/** Whether a pattern matches the whole text, as in kustomize. A pattern is a regular expression. */
function isWhole(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(text)
  } catch {
    return pattern === text
  }
}
