import type { KubeObject } from '../../kube/api.ts'
import { repositoryOf } from '../../lib/image-reference.ts'
import { isRecord } from '../../lib/record.ts'
import type { Matches } from '../match/match.ts'

/**
 * Variables that a script of the project fills in before it applies the manifests: devk does not. Those in the image of
 * a service that devk builds do not matter. Pure.
 */
export function variableNotes(objects: readonly KubeObject[], { built }: Matches): string[] {
  const found = new Map<string, Set<string>>()
  for (const object of objects) {
    const own = `${object.kind}/${object.metadata.name}`
    for (const { key, text } of textsIn(object)) {
      if (key === 'image' && built.has(repositoryOf(text))) continue
      // Shells and configuration files have variables of their own.
      if (/^(command|args|data|stringData|value)$/.test(key) || text.includes('\n')) continue
      for (const [variable] of text.matchAll(/\$\{[A-Za-z_]\w*[^}]*\}|\$[A-Z][A-Z0-9_]+\b|\{\{[^}]+\}\}/g)) {
        found.set(own, (found.get(own) ?? new Set()).add(variable))
      }
    }
  }
  return [...found].map(([own, variables]) => `${own} has ${[...variables].join(', ')}, which devk does not fill in.`)
}

/** The texts of an object, each with the nearest key that is not the index of a list. */
function textsIn(value: unknown, key = ''): { readonly key: string; readonly text: string }[] {
  if (typeof value === 'string') return [{ key, text: value }]
  if (Array.isArray(value)) return value.flatMap((inner) => textsIn(inner, key))
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([name, inner]) => textsIn(inner, /^(data|stringData)$/.test(key) ? key : name))
}
