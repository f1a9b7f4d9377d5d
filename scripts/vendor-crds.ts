import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

/**
 * Writes CustomResourceDefinitions as vendored presets keep them: one JSON file, without descriptions, which are most of their size.
 *   node scripts/vendor-crds.ts FOLDER OUT.json
 * FOLDER is, for example, config/crd/standard of the Go module sigs.k8s.io/gateway-api.
 */
const [folder, out] = process.argv.slice(2)
if (folder === undefined || out === undefined) throw new Error('usage: node scripts/vendor-crds.ts FOLDER OUT.json')

const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
const documents = files.sort().flatMap((name) => {
  const parsed = parseAllDocuments(readFileSync(join(folder, name), 'utf8'))
  return 'empty' in parsed ? [] : parsed.map((document): unknown => document.toJS())
})
const definitions = documents.filter(
  (value) => (value as { kind?: string } | null)?.kind === 'CustomResourceDefinition',
)
const items = definitions.map((definition) => {
  const { status: _, ...kept } = definition as Record<string, unknown>
  return JSON.stringify(bare(kept))
})
writeFileSync(out, `{"apiVersion":"v1","kind":"List","items":[\n${items.join(',\n')}\n]}\n`)

/** Descriptions of schemas are texts; a property of that name is an object, and stays. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([key, inner]) => key !== 'description' || typeof inner !== 'string')
  return Object.fromEntries(kept.map(([key, inner]) => [key, bare(inner)]))
}
