import { type JsonSchema, jsonSchema } from '../../src/config/json-schema.ts'

interface Section {
  readonly path: string
  readonly schema: JsonSchema
}

/** The text of docs/configuration.md: every key of the configuration, from the schema that checks it. */
export function configurationPage(): string {
  const sections: Section[] = []
  const root: Section = { path: '', schema: jsonSchema() }
  collect(root, sections)
  return [
    '# Configuration',
    '',
    '<!-- Written by scripts/docs.ts from src/config/schema.ts; change it there. -->',
    '',
    'devk reads `platform.config.ts`, or `.js`, `.mjs`, `.json`, `.yaml`, `.yml`, or the key `devk` of `package.json`, from the',
    'folder it is called in or the nearest one above. Paths are relative to that file; `dockerfile` is relative to its context, and',
    '`exclude` to its `from`. Unknown keys are errors. `devk config` prints the result with all defaults, and `devk config schema`',
    'the JSON Schema.',
    '',
    'The TypeScript must be erasable: types, but no `enum` or `namespace`.',
    '',
    '```ts',
    "import { defineConfig } from 'devk'",
    '',
    'export default defineConfig({',
    "  name: 'todo',",
    "  deploy: { kustomize: 'k8s/overlays/dev' },",
    '  services: {',
    "    backend: { build: { context: 'backend' }, sync: [{ from: 'backend/app', to: '/app/app' }] },",
    '  },',
    '})',
    '```',
    ...sections.flatMap((section) => sectionText(section, sections)),
    '',
  ].join('\n')
}

/** Objects with keys of their own, outermost first; one that is the same as an earlier one is left to that one's section. */
function collect(section: Section, into: Section[]): void {
  for (const { path, schema } of objects(section)) {
    if (same(schema, into) !== undefined) continue
    into.push({ path, schema })
    for (const [key, child] of Object.entries(schema.properties ?? {})) {
      collect({ path: path === '' ? key : `${path}.${key}`, schema: child }, into)
    }
  }
}

function objects({ path, schema }: Section): Section[] {
  if (schema.properties !== undefined) return [{ path, schema }]
  if (schema.items !== undefined) return objects({ path: `${path}[]`, schema: schema.items })
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap((each) => objects({ path, schema: each }))
  const { additionalProperties } = schema
  if (typeof additionalProperties !== 'object') return []
  return objects({ path: `${path}.<name>`, schema: additionalProperties })
}

function same(schema: JsonSchema, sections: readonly Section[]): Section | undefined {
  const text = JSON.stringify(schema.properties)
  return sections.find((each) => JSON.stringify(each.schema.properties) === text)
}

function sectionText({ path, schema }: Section, sections: readonly Section[]): string[] {
  const rows = Object.entries(schema.properties ?? {}).map(([key, child]) => {
    const needed = schema.required?.includes(key) ? 'required' : defaultText(child)
    const cells = [`\`${key}\``, typeText(child, sections), needed, child.description ?? '']
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  const head = ['', `## ${path === '' ? 'The file' : `\`${path}\``}`, '']
  const about = path !== '' && schema.description !== undefined ? [`${schema.description}.`, ''] : []
  return [...head, ...about, '| key | value | default | meaning |', '|---|---|---|---|', ...rows]
}

function defaultText(schema: JsonSchema): string {
  const value = schema.default
  if (value === undefined || JSON.stringify(value) === '{}' || JSON.stringify(value) === '[]') return ''
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}

function typeText(schema: JsonSchema, sections: readonly Section[]): string {
  if (schema.properties !== undefined) return `[object](#${anchor(same(schema, sections)?.path ?? '')})`
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map((each) => typeText(each, sections)))].join(' or ')
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(' or ')
  if (schema.const !== undefined) return `\`${schema.const}\``
  if (schema.items !== undefined) return `list of ${typeText(schema.items, sections)}`
  if (typeof schema.additionalProperties === 'object') {
    return `name → ${typeText(schema.additionalProperties, sections)}`
  }
  if (schema.type === 'integer' && schema.maximum !== undefined && schema.maximum < Number.MAX_SAFE_INTEGER) {
    return `${schema.minimum ?? 0}–${schema.maximum}`
  }
  return schema.type === 'integer' ? 'whole number' : (schema.type ?? 'anything')
}

/** The anchor that Markdown viewers give to a heading. */
function anchor(path: string): string {
  return path.toLowerCase().replace(/[^a-z0-9 -]/g, '')
}
