import { glob, readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { DevkError } from '../errors.ts'
import type { YamlDocument } from '../lib/yaml.ts'
import { type RenderedObject, toObjects } from './rendered.ts'
import { parseYaml } from './yaml.ts'

const manifest = /\.(ya?ml|json)$/
const kustomization = /(^|\/)[Kk]ustomization(\.ya?ml)?$/

/**
 * Reads plain manifests. Each of `paths` is the absolute path of a file or folder (without subfolders, as in kubectl),
 * or a pattern. Names in errors are relative to `root`. Throws MANIFEST_INVALID for a path without manifests, and for
 * invalid YAML.
 */
export async function plainManifests(paths: readonly string[], root: string): Promise<RenderedObject[]> {
  const files = new Set<string>()
  for (const path of paths) {
    const found = await manifestFiles(path)
    if (found.length === 0) throw noManifests(relative(root, path) || path)
    for (const file of found) files.add(file)
  }
  const objects: RenderedObject[] = []
  for (const file of files) {
    const name = relative(root, file)
    const text = await readFile(file, 'utf8')
    const documents = (file.endsWith('.json') && parseJson(text)) || parseYaml(text, name)
    objects.push(...toObjects(documents, name, true))
  }
  return objects
}

/**
 * Parses JSON a hundred times faster than the YAML parser. Returns undefined for invalid JSON; parseYaml then reports
 * the position.
 */
function parseJson(text: string): YamlDocument[] | undefined {
  try {
    return [{ value: JSON.parse(text), line: 1 }]
  } catch {
    return undefined
  }
}

/** The files of an entry of `deploy.manifests`. Throws MANIFEST_INVALID for a path that cannot be read. */
export async function manifestFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined
    throw new DevkError('MANIFEST_INVALID', `${path} cannot be read: ${cause.message}`, { cause })
  })
  if (found?.isDirectory()) {
    const names = await readdir(path)
    return names
      .map((name) => join(path, name))
      .filter(isManifest)
      .sort()
  }
  if (found) return [path]
  const matches: string[] = []
  for await (const match of glob(path)) if (isManifest(match)) matches.push(match)
  return matches.sort()
}

/** Whether a file is a manifest by its name. A kustomization file is none. */
export function isManifest(file: string): boolean {
  return manifest.test(file) && !kustomization.test(file)
}

function noManifests(path: string): DevkError {
  return new DevkError('MANIFEST_INVALID', `deploy.manifests: ${path} has no manifests`, {
    hint: 'Set it to a YAML file, a folder with YAML files, or a pattern such as k8s/**/*.yaml (includes subfolders).',
  })
}
