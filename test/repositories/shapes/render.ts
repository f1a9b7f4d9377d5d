import { readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'

/** What a kustomization of plain resources renders: its files and those of its bases, one after the other. */
export function kustomized(folder: string): string {
  const { resources = [] } = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')) as { resources?: string[] }
  const parts = resources.map((each) => {
    const path = join(folder, each)
    return statSync(path).isDirectory() ? kustomized(path) : readFileSync(path, 'utf8')
  })
  return parts.join('\n---\n')
}

/** What a chart renders whose templates only name values, by the path of the value. */
export function templated(folder: string, files: Readonly<Record<string, string>>): string {
  const values = parse(files[`${folder}/values.yaml`] ?? '') as Record<string, unknown>
  const at = (path: string) => path.split('.').reduce<unknown>((inner, key) => (inner as never)?.[key], values)
  const templates = Object.entries(files).filter(([file]) => file.startsWith(`${folder}/templates/`))
  const texts = templates.map(([, text]) =>
    text.replace(/\{\{\s*\.Values\.([\w.]+)\s*\}\}/g, (_, path) => String(at(path))),
  )
  return texts.join('\n---\n').replace(/\{\{\s*\.Release\.Name\s*\}\}/g, basename(folder))
}
