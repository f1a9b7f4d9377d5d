import * as z from 'zod'
import { toProblems } from './issues.ts'
import type { JsonSchema } from './json-schema.ts'
import { locate, sourceMap } from './positions.ts'
import { type PresetSpec, presetSchema } from './preset-schema.ts'
import { configInvalid } from './problems.ts'

/** A checked preset.yaml, from its value and its text. Throws CONFIG_INVALID with all problems; `shown` is the file as messages name it. */
export function checkPreset(value: unknown, text: string, shown: string): PresetSpec {
  const result = presetSchema.safeParse(value)
  if (result.success) return result.data
  const schema = z.toJSONSchema(presetSchema, { target: 'draft-7', io: 'input' }) as JsonSchema
  const problems = result.error.issues.flatMap((issue) => toProblems(issue, value, schema))
  const map = sourceMap('preset.yaml', text)
  throw configInvalid(shown, problems, (path) => locate(map, path, undefined))
}
