import * as z from 'zod'
import { toProblems } from './issues.ts'
import type { JsonSchema } from './json-schema.ts'
import { locate, sourceMap } from './positions.ts'
import { type PresetSpec, presetSchema } from './preset-schema.ts'
import { configInvalid } from './problems.ts'

/**
 * Validates a preset.yaml. `text` is the source of `value` and gives problems their positions; `shown` is the file name
 * in messages. Throws CONFIG_INVALID with all problems.
 */
export function checkPreset(value: unknown, text: string, shown: string): PresetSpec {
  const result = presetSchema.safeParse(value)
  if (result.success) return result.data
  const schema = z.toJSONSchema(presetSchema, { target: 'draft-7', io: 'input' }) as JsonSchema
  const problems = result.error.issues.flatMap((issue) => toProblems(issue, value, schema))
  const map = sourceMap('preset.yaml', text)
  throw configInvalid(shown, problems, (path) => locate(map, path, undefined))
}
