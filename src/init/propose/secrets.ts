import type { ConfigInput } from '../../config/schema.ts'
import type { KubeObject } from '../../kube/api.ts'
import { containersOf, podTemplate } from '../../manifests/workload.ts'
import type { Found } from '../../scan/found.ts'

interface Reference {
  readonly secret: string
  /** undefined: all its keys. */
  readonly key: string | undefined
}

/**
 * The `secrets` section, with values from the .env files of the repository, and notes about Secrets that the files
 * cannot provide. It contains the Secrets that pods need and no manifest defines, and those of the manifests whose keys
 * are all in the files, because the values of a Secret in a repository are usually placeholders. Pure.
 */
export function neededSecrets(
  objects: readonly KubeObject[],
  { envExample, env, variables }: Pick<Found, 'envExample' | 'env' | 'variables'>,
): { secrets: NonNullable<ConfigInput['secrets']>; notes: string[] } {
  const there = new Map(objects.flatMap(secretOf))
  const missing = Map.groupBy(
    objects.flatMap(references).filter(({ secret }) => !there.has(secret)),
    ({ secret }) => secret,
  )
  const source = { fromEnvFile: '.env', ...(envExample === undefined ? {} : { orElse: envExample }) }
  const has = (key: string) => variables.includes(key)
  const replaced = [...there].filter(([, keys]) => keys.length > 0 && keys.every(has))
  const secrets: NonNullable<ConfigInput['secrets']> = Object.fromEntries(
    replaced.map(([name, keys]) => [name, { ...source, keys }]),
  )
  const notes: string[] = []
  for (const [name, refs] of missing) {
    const keys = [...new Set(refs.flatMap(({ key }) => key ?? []))]
    const all = refs.some(({ key }) => key === undefined)
    const lacks = keys.filter((key) => !has(key))
    if ((envExample !== undefined || env) && lacks.length === 0) secrets[name] = { ...source, ...(all ? {} : { keys }) }
    else {
      const secret = `the Secret ${name}${lacks.length > 0 ? ` with ${lacks.join(', ')}` : ''}`
      notes.push(`No manifest defines ${secret}. Write its values to .env and add it under secrets.`)
    }
  }
  return { secrets, notes }
}

interface SecretMaker {
  readonly data?: object
  readonly stringData?: object
  readonly spec?: {
    readonly target?: { readonly name?: unknown }
    readonly secretName?: unknown
    readonly encryptedData?: object
    readonly data?: unknown
  }
}

/** The Secret that an object is, or that a controller makes from it, and its keys. */
function secretOf(object: KubeObject): [string, string[]][] {
  const { data, stringData, spec } = object as SecretMaker
  if (object.kind === 'Certificate') return typeof spec?.secretName === 'string' ? [[spec.secretName, []]] : []
  if (!/Secret$/.test(object.kind)) return []
  const remote = Array.isArray(spec?.data)
    ? (spec.data as { secretKey?: unknown }[]).map((each) => each?.secretKey)
    : []
  const keys = [...Object.keys(data ?? {}), ...Object.keys(stringData ?? {}), ...Object.keys(spec?.encryptedData ?? {})]
  const name = typeof spec?.target?.name === 'string' ? spec.target.name : object.metadata.name
  return [[name, [...keys, ...remote.filter((key) => typeof key === 'string')]]]
}

type Named = { readonly name?: string; readonly key?: string; readonly optional?: boolean } | undefined

function references(object: KubeObject): Reference[] {
  const template = podTemplate(object)
  if (template === undefined) return []
  const containers = containersOf(template)
  const env = containers.flatMap(({ env: own = [] }) =>
    own.map(({ valueFrom }) => (valueFrom as { secretKeyRef?: Named } | undefined)?.secretKeyRef),
  )
  const from = containers.flatMap(({ envFrom = [] }) =>
    envFrom.map((each) => (each as { secretRef?: Named }).secretRef),
  )
  const volumes = ((template.spec.volumes ?? []) as { secret?: { secretName?: string; optional?: boolean } }[]).map(
    ({ secret }): Named => (secret?.secretName === undefined ? undefined : { ...secret, name: secret.secretName }),
  )
  return [...env, ...from, ...volumes].flatMap((ref) =>
    ref?.name === undefined || ref.optional === true ? [] : [{ secret: ref.name, key: ref.key }],
  )
}
