import { glob, readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { DevkError } from '../errors.ts'
import type { YamlDocument } from '../lib/yaml.ts'
import { type RenderedObject, toObjects } from './rendered.ts'
import { parseYaml } from './yaml.ts'

const manifest = /\.(ya?ml|json)$/
const kustomization = /(^|\/)[Kk]ustomization(\.ya?ml)?$/

/**
 * Objects of plain manifests. Each of `paths` is an absolute file, folder (read flat, as kubectl does) or pattern;
 * `root` shortens the names in errors. Throws MANIFEST_INVALID for a path that gives no manifest, or for bad YAML.
 */
export async function plainManifests(paths: readonly string[], root: string): Promise<RenderedObject[]> {
  const files = new Set<string>()
  for (const path of paths) {
    const found = await filesOf(path)
    if (found.length === 0) throw nothingAt(relative(root, path) || path)
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

/** JSON is YAML too, but read as what it is it takes a hundredth of the time; a mistake in it is left for parseYaml to place. */
function parseJson(text: string): YamlDocument[] | undefined {
  try {
    return [{ value: JSON.parse(text), line: 1 }]
  } catch {
    return undefined
  }
}

async function filesOf(path: string): Promise<string[]> {
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

// A kustomization is an instruction to kustomize, not an object; beside plain files it is passed over.
function isManifest(file: string): boolean {
  return manifest.test(file) && !kustomization.test(file)
}

function nothingAt(path: string): DevkError {
  return new DevkError('MANIFEST_INVALID', `deploy.manifests: nothing to deploy at ${path}`, {
    hint: 'Name a YAML file, a folder that holds some (subfolders are not read), or a pattern such as k8s/**/*.yaml.',
  })
}
