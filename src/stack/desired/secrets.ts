import { relative } from 'node:path'
import type { LoadedConfig, Secret } from '../../config/schema.ts'
import { DevkError } from '../../errors.ts'
import type { KubeObject } from '../../kube/api.ts'
import { readEnvFile } from '../../lib/env-file.ts'
import { labels } from '../../lib/keys.ts'
import { nearest } from '../../lib/text.ts'

/**
 * The values of the configured Secrets, by name, and of the externals' Secrets, by external. They are written into
 * Secrets only.
 */
export interface SecretValues {
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly externals: Readonly<Record<string, Readonly<Record<string, string>>>>
}

type Source = Pick<Secret, 'fromEnvFile' | 'orElse' | 'keys'>

/**
 * Reads every .env file that the configuration names. `read` returns undefined for a file that does not exist.
 * Throws CONFIG_INVALID with every missing file and key. Messages never contain values.
 */
export async function readSecrets(
  config: Pick<LoadedConfig, 'secrets' | 'externals' | 'root'>,
  read: (file: string) => Promise<string | undefined>,
): Promise<SecretValues> {
  const problems: string[] = []
  const valuesOf = async (path: string, source: Source) => {
    for (const file of [source.fromEnvFile, ...(source.orElse === undefined ? [] : [source.orElse])]) {
      const text = await read(file)
      if (text === undefined) continue
      const found = readEnvFile(text)
      if ('values' in found) return choose(path, found.values, source.keys, problems)
      problems.push(`${relative(config.root, file)}:${found.mistake.line}: ${found.mistake.message}`)
      return {}
    }
    problems.push(`${path}.fromEnvFile: ${missing(source, config.root)}`)
    return {}
  }
  const secrets: Record<string, Record<string, string>> = {}
  const externals: Record<string, Record<string, string>> = {}
  for (const [name, source] of Object.entries(config.secrets)) secrets[name] = await valuesOf(`secrets.${name}`, source)
  for (const [name, { secret }] of Object.entries(config.externals)) {
    if (secret) externals[name] = await valuesOf(`externals.${name}.secret`, secret)
  }
  if (problems.length === 0) return { secrets, externals }
  throw new DevkError('CONFIG_INVALID', 'Secrets cannot be created from their .env files', {
    details: problems,
    hint: 'Correct the line, create the file, or set `orElse` to a file that always exists.',
  })
}

function missing(source: Source, root: string): string {
  const files = [source.fromEnvFile, source.orElse].flatMap((file) =>
    file === undefined ? [] : [relative(root, file)],
  )
  return files.length === 1 ? `${files[0]} does not exist` : `neither ${files.join(' nor ')} exists`
}

function choose(
  path: string,
  all: Readonly<Record<string, string>>,
  keys: readonly string[] | undefined,
  problems: string[],
): Record<string, string> {
  const chosen: Record<string, string> = {}
  for (const key of keys ?? Object.keys(all)) {
    const value = all[key]
    const near = nearest(key, Object.keys(all))
    if (value !== undefined) chosen[key] = value
    else problems.push(`${path}.keys: the file has no ${key}${near === undefined ? '' : `; did you mean ${near}?`}`)
  }
  return chosen
}

/** A Secret object with these values. Pure. */
export function secretObject(
  name: string,
  namespace: string,
  project: string,
  values: Readonly<Record<string, string>>,
): KubeObject {
  const entries = Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels: { [labels.project]: project } },
    type: 'Opaque',
    data: Object.fromEntries(entries),
  }
}
