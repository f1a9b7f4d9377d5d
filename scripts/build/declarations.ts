import { type JsonSchema, jsonSchema } from '../../src/config/json-schema.ts'

/**
 * The types of the package `devk`, in place of those that TypeScript would emit: they need zod, which nobody has who installs devk, and
 * have no comments. The JSON Schema has all of it; test/package/types.test.ts holds that both are the same types.
 */
export function declarations(): string {
  const schema = jsonSchema()
  return `/** What a configuration file may write. */
export interface ConfigInput ${objectType(schema, '')}
/** Gives a configuration its types in an editor; it returns what it is given. */
export declare function defineConfig(config: ConfigInput): ConfigInput
`
}

/** TypeScript for a node of the schema. `indent` is that of the line it starts on. Throws for a node that it does not know. */
function typeOf(node: JsonSchema, indent: string): string {
  if (Array.isArray(node.type)) return node.type.map((type) => typeOf({ ...node, type }, indent)).join(' | ')
  if (node.anyOf !== undefined) return node.anyOf.map((one) => typeOf(one, indent)).join(' | ')
  if (node.const !== undefined) return JSON.stringify(node.const)
  if (node.enum !== undefined) return node.enum.map((one) => JSON.stringify(one)).join(' | ')
  switch (node.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return node.type
    case 'number':
    case 'integer':
      return 'number'
    case 'array':
      return `(${typeOf(node.items ?? {}, indent)})[]`
    case 'object':
      if (node.properties !== undefined) return objectType(node, indent)
      if (typeof node.additionalProperties === 'object') return recordType(node.additionalProperties, indent)
      break
    case undefined:
      if (Object.keys(node).length === 0) return 'unknown'
  }
  throw new Error(`scripts/build/declarations.ts has no type for ${JSON.stringify(node)}`)
}

function recordType(values: JsonSchema, indent: string): string {
  return `Record<string, ${typeOf(values, indent)}>`
}

function objectType({ properties = {}, required = [] }: JsonSchema, indent: string): string {
  const inner = `${indent}  `
  const lines = Object.entries(properties).flatMap(([key, node]) => {
    const type = typeOf(node, inner)
    return [
      ...(node.description === undefined ? [] : [`${inner}/** ${node.description} */`]),
      `${inner}${key}${required.includes(key) ? `: ${type}` : `?: ${type} | undefined`}`,
    ]
  })
  return `{\n${lines.join('\n')}\n${indent}}`
}
