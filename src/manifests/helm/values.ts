import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A value that the configuration sets in a release. */
export type SetValue = string | number | boolean | null

/** The values of `set` in the forms in which helm takes them. */
export interface SetValues {
  /** A values file. */
  readonly file: string | undefined
  readonly args: readonly string[]
  /** Texts by key. Each needs a file of its own. */
  readonly texts: readonly (readonly [string, string])[]
}

/**
 * The values of `set` as a values file. Helm would split a text at its commas and read `{a}` as a list, so texts go
 * into a file, where nothing has a meaning of its own; nor can other users of this machine read a file, as they can
 * arguments. Keys with the index of a list need arguments, since a values file replaces a list as a whole: texts by
 * `--set-file`, the others by `--set-json`. Pure.
 */
export function setValues(set: Readonly<Record<string, SetValue>>): SetValues {
  const tree: Tree = Object.create(null)
  const args: string[] = []
  const texts: [string, string][] = []
  for (const [key, value] of Object.entries(set)) {
    if (!key.includes('[')) put(tree, stepsOf(key), value)
    else if (typeof value === 'string') texts.push([key, value])
    else args.push('--set-json', `${key}=${JSON.stringify(value)}`)
  }
  return { file: Object.keys(tree).length === 0 ? undefined : JSON.stringify(tree), args, texts }
}

/** Calls a function with arguments of helm that set these texts, from files that only this user can read. */
export async function withTextFiles<T>(
  texts: SetValues['texts'],
  use: (args: readonly string[]) => Promise<T>,
): Promise<T> {
  if (texts.length === 0) return use([])
  const folder = await mkdtemp(join(tmpdir(), 'devk-helm-'))
  try {
    const args = texts.map(async ([key, text], i) => {
      const file = join(folder, String(i))
      await writeFile(file, text, { mode: 0o600 })
      return ['--set-file', `${key}=${file.replaceAll(/[\\,]/g, '\\$&')}`]
    })
    return await use((await Promise.all(args)).flat())
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Tree {
  [key: string]: Tree | SetValue
}

function put(tree: Tree, [first = '', ...rest]: readonly string[], value: SetValue): void {
  if (rest.length === 0) {
    tree[first] = value
    return
  }
  const inner = tree[first]
  const next: Tree = typeof inner === 'object' && inner !== null ? inner : Object.create(null)
  tree[first] = next
  put(next, rest, value)
}

/** `a.b\.c` as Helm reads it: `a`, then `b.c`. */
function stepsOf(key: string): string[] {
  return (key.match(/(?:\\.|[^.\\])+/g) ?? [key]).map((step) => step.replace(/\\(.)/g, '$1'))
}
