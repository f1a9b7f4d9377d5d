import { relative } from 'node:path'
import { parseEnv } from 'node:util'
import type { LoadedConfig, Secret } from '../../config/schema.ts'
import { DevkError } from '../../errors.ts'
import type { KubeObject } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import { nearest } from '../../lib/text.ts'

/** Values of the configured Secrets, by Secret name, and of the externals', by external. They go nowhere but into Secrets. */
export interface SecretValues {
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly externals: Readonly<Record<string, Readonly<Record<string, string>>>>
}

type Source = Pick<Secret, 'fromEnvFile' | 'orElse' | 'keys'>

/**
 * Reads every .env file that the configuration names; `read` gives undefined for a file that is not there.
 * Throws CONFIG_INVALID with every missing file and key. No message ever holds a value.
 */
export async function readSecrets(
  config: Pick<LoadedConfig, 'secrets' | 'externals' | 'root'>,
  read: (file: string) => Promise<string | undefined>,
): Promise<SecretValues> {
  const problems: string[] = []
  const valuesOf = async (path: string, source: Source) => {
    const found =
      (await read(source.fromEnvFile)) ?? (source.orElse === undefined ? undefined : await read(source.orElse))
    if (found === undefined) problems.push(`${path}.fromEnvFile: ${missing(source, config.root)}`)
    else return choose(path, parseEnv(found) as Record<string, string>, source.keys, problems)
    return {}
  }
  const secrets: Record<string, Record<string, string>> = {}
  const externals: Record<string, Record<string, string>> = {}
  for (const [name, source] of Object.entries(config.secrets)) secrets[name] = await valuesOf(`secrets.${name}`, source)
  for (const [name, { secret }] of Object.entries(config.externals)) {
    if (secret) externals[name] = await valuesOf(`externals.${name}.secret`, secret)
  }
  if (problems.length === 0) return { secrets, externals }
  throw new DevkError('CONFIG_INVALID', 'Secrets cannot be made from their .env files', {
    details: problems,
    hint: 'Write the file, or name one that is always there as `orElse`.',
  })
}

function missing(source: Source, root: string): string {
  const files = [source.fromEnvFile, source.orElse].flatMap((file) =>
    file === undefined ? [] : [relative(root, file)],
  )
  return files.length === 1 ? `there is no ${files[0]}` : `there is neither ${files.join(' nor ')}`
}

function choose(
  path: string,
  all: Record<string, string>,
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

/** A Secret object with these values. */
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
