import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isRecord } from '../lib/record.ts'
import type { Exists } from './context.ts'
import { isDockerfile } from './dockerfiles.ts'

/** What is in a folder on this disk, each folder read once. Links are not followed. */
export function existsIn(root: string): Exists {
  const read = new Map<string, Promise<readonly string[]>>()
  const names = (folder: string) => {
    const known = read.get(folder) ?? readdir(join(root, folder)).catch(() => [])
    read.set(folder, known)
    return known
  }
  const path = async (pattern: string): Promise<boolean> => {
    const [file = '', field] = pattern.split(':')
    if (field !== undefined) return hasField(join(root, file), field)
    const plain = file.replace(/\/+$/, '')
    if (plain.startsWith('..')) return false
    if (plain === '.' || plain === '') return true
    const parent = dirname(plain)
    const wanted = patternOf(basename(plain))
    if (/[*?[]/.test(parent)) return path(parent)
    return (await names(parent)).some((name) => wanted.test(name))
  }
  const source = async (folder: string) =>
    (await names(folder)).some(
      (name) => !isDockerfile(name) && !/^\.|\.(sh|md|ya?ml|conf|env)$|^(README|Makefile)/i.test(name),
    )
  return { path, source }
}

async function hasField(file: string, field: string): Promise<boolean> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    return isRecord(value) && field in value
  } catch {
    return false
  }
}

/** `*` and `?` as in COPY; a name with brackets counts as fitting everything. */
function patternOf(name: string): RegExp {
  if (name.includes('[')) return /^/
  const text = name.replaceAll(/[.+^${}()|\\]/g, '\\$&')
  return new RegExp(`^${text.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's')
}
