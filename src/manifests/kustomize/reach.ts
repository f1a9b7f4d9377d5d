import { readFile, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { repositoryOf } from '../../config/around.ts'
import { DevkError } from '../../errors.ts'
import { isFolder, isWithin } from '../../lib/paths.ts'
import { isRecord } from '../../lib/record.ts'
import { pathsIn } from '../inputs.ts'
import { parseYaml } from '../yaml.ts'
import { kustomizationNames } from './tree.ts'

/** What a kustomization reaches beyond its repository. */
export interface Reach {
  /** Sentences about local files outside of the repository, each with its place. */
  readonly outside: readonly string[]
  /** Addresses that kustomize fetches each time. */
  readonly remote: readonly string[]
}

/** Keys whose files are configurations of generators and transformers, with paths of their own. */
const configured = new Set(['generators', 'transformers', 'validators'])

/**
 * Finds what kustomize would read outside of the repository around `root`, through any kustomization, generator or link
 * below `folder`. kustomize itself can only be limited to the folder of each kustomization, which real overlays leave.
 * `around` is the repository of a kustomization that was fetched.
 */
export async function reachOf(folder: string, root: string, around?: string): Promise<Reach> {
  const top = await realpath(folder).catch(() => folder)
  const repository = around === undefined ? await repositoryOf(root, homedir()) : await realpath(around)
  // The configuration itself may name a folder elsewhere, which its user has agreed to.
  const isInside = (path: string) => isWithin(path, repository) || isWithin(path, top)
  const outside: string[] = []
  const remote = new Set<string>()
  const seen = new Set<string>()
  const visit = async (file: string, from: string): Promise<void> => {
    if (seen.has(file)) return
    seen.add(file)
    const shown = relative(root, file)
    const text = await readFile(file, 'utf8').catch(() => '')
    for (const { value } of documents(text, file)) await follow(value, { from, shown })
  }
  const follow = async (content: unknown, place: { readonly from: string; readonly shown: string }): Promise<void> => {
    for (const [key, path] of pathsIn(content, true)) {
      if (path.includes('\n')) {
        if (configured.has(key)) for (const { value } of documents(path, place.shown)) await follow(value, place)
        continue
      }
      if (key === 'configHome') {
        outside.push(`${place.shown}: ${key} would let the repository choose the plugins of Helm`)
        continue
      }
      await take(key, key === 'files' ? path.slice(path.indexOf('=') + 1) : path, place)
    }
  }
  const take = async (key: string, path: string, { from, shown }: { from: string; shown: string }): Promise<void> => {
    const local = await realpath(resolve(from, path)).catch(() => undefined)
    if (local === undefined) {
      if (isRemote(path)) remote.add(path)
      return
    }
    if (!isInside(local)) {
      outside.push(`${shown}: ${key} reads ${path}, which is outside of the repository ${repository}`)
      return
    }
    if (await isFolder(local)) await enter(local)
    else if (configured.has(key)) await visit(local, from)
  }
  const enter = async (path: string): Promise<void> => {
    for (const name of kustomizationNames) {
      const file = await realpath(join(path, name)).catch(() => undefined)
      if (file === undefined) continue
      if (isInside(file)) await visit(file, path)
      else outside.push(`${relative(root, join(path, name))} is a link that leads out of the repository ${repository}`)
    }
  }
  await enter(top)
  return { outside, remote: [...remote] }
}

/** Throws MANIFEST_INVALID for what a kustomization reads outside of the repository, before kustomize reads it. */
export function requireInside({ outside }: Reach, name: string): void {
  if (outside.length === 0) return
  throw new DevkError('MANIFEST_INVALID', `The kustomization ${name} reaches out of its repository`, {
    details: [...outside, 'Nothing was read.'],
    hint: 'Copy what it needs into the repository, and correct the path.',
  })
}

/** What kustomize takes for an address: it tries each path that does not exist as a file and then as a repository. */
function isRemote(path: string): boolean {
  return /^[a-z+]+:\/\/|^[\w.-]+@|\?ref=|\/\/|^[\w-]+(\.[\w-]+)+(:\d+)?\/.|^gh:/i.test(path)
}

function documents(text: string, file: string): readonly { readonly value: unknown }[] {
  try {
    return parseYaml(text, file).filter(({ value }) => isRecord(value))
  } catch {
    return [] // kustomize reports it.
  }
}
