import { glob, readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { DevkError } from '../errors.ts'
import { isFolder } from '../lib/paths.ts'
import type { YamlDocument } from '../lib/yaml.ts'
import { type RenderedObject, toObjects } from './rendered.ts'
import { parseYaml } from './yaml.ts'

const manifest = /\.(ya?ml|json)$/
const kustomization = /(^|\/)[Kk]ustomization(\.ya?ml)?$/

/**
 * Reads plain manifests. Each of `paths` is the absolute path of a file or folder (without subfolders, as in kubectl),
 * or a pattern. Names in errors are relative to `root`. Throws MANIFEST_INVALID for a path without manifests, for a
 * file that cannot be read, and for invalid YAML.
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
    const text = await readFile(file, 'utf8').catch((cause: Error) => {
      throw unreadable(name, cause)
    })
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

/**
 * The files of an entry of `deploy.manifests`. A folder among them, whatever its name is, is no manifest. Throws
 * MANIFEST_INVALID for a path that cannot be read.
 */
export async function manifestFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined
    throw unreadable(path, cause)
  })
  if (found !== undefined && !found.isDirectory()) return [path]
  const matches: string[] = []
  if (found === undefined) for await (const match of glob(path)) matches.push(match)
  else {
    const names = await readdir(path).catch((cause: Error) => {
      throw unreadable(path, cause)
    })
    matches.push(...names.map((name) => join(path, name)))
  }
  const manifests = matches.filter(isManifest).sort()
  const folders = await Promise.all(manifests.map(isFolder))
  return manifests.filter((_, i) => folders[i] !== true)
}

function unreadable(name: string, cause: Error): DevkError {
  return new DevkError('MANIFEST_INVALID', `${name} cannot be read: ${cause.message}`, {
    hint: 'Correct the file, the link or its permissions, or name the other manifests in deploy.manifests.',
    cause,
  })
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
