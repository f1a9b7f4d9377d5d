import type { Kube, KubeObject } from '../kube/api.ts'
import type { Container } from '../manifests/workload.ts'

/** The variables of a container, as far as they can be had outside of it. */
export interface ContainerEnvironment {
  readonly values: Readonly<Record<string, string>>
  /** Names of variables without a value here, each with the reason: `NODE_OPTIONS (changes how programs load code)`. */
  readonly missing: readonly string[]
}

/** Where the values of a container come from. */
export interface ValueSources {
  readonly kube: Pick<Kube, 'get'>
  readonly namespace: string
  /** What the fields of the pod are here, by their path: `metadata.name`. */
  readonly fields: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

interface KeyRef {
  readonly name?: string
  readonly key?: string
  readonly optional?: boolean
}

interface ValueFrom {
  readonly configMapKeyRef?: KeyRef
  readonly secretKeyRef?: KeyRef
  readonly fieldRef?: { readonly fieldPath?: string }
}

interface EnvFrom {
  readonly prefix?: string
  readonly configMapRef?: { readonly name?: string }
  readonly secretRef?: { readonly name?: string }
}

/** What says where the files of a container are. The program here has its own. */
const places = /^(PATH|HOME|USER|LOGNAME|SHELL|PWD|HOSTNAME|TMPDIR|PYTHON(PATH|HOME)|PERL5LIB|CLASSPATH)$/
/** What makes runtimes load code: on this machine, that would be more than a container may do. */
const loaders =
  /^(LD_.*|DYLD_.*|NODE_OPTIONS|BASH_ENV|ENV|PYTHONSTARTUP|PERL5OPT|RUBYOPT|(JAVA_TOOL|JDK_JAVA|_JAVA)_OPTIONS)$/

/**
 * Reads the variables of a container as the kubelet would set them: `env` and `envFrom`, with the values of ConfigMaps
 * and Secrets, and with references such as `$(HOST)`. What the image sets is not among them. Throws KUBE_API.
 */
export async function containerEnvironment(container: Container, sources: ValueSources): Promise<ContainerEnvironment> {
  const read = reader(sources)
  const values: Record<string, string> = {}
  const missing: string[] = []
  const set = (name: string, value: string) => {
    if (places.test(name)) missing.push(`${name} (says where files of the container are)`)
    else if (loaders.test(name)) missing.push(`${name} (changes how programs load code)`)
    else values[name] = value
  }
  for (const { prefix = '', configMapRef, secretRef } of (container.envFrom ?? []) as readonly EnvFrom[]) {
    const found = configMapRef ? await read('ConfigMap', configMapRef.name) : await read('Secret', secretRef?.name)
    for (const [key, value] of Object.entries(found ?? {})) set(`${prefix}${key}`, value)
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (valueFrom === undefined) {
      set(name, expanded(value ?? '', values))
      continue
    }
    const { configMapKeyRef, secretKeyRef, fieldRef } = valueFrom as ValueFrom
    const ref = configMapKeyRef ?? secretKeyRef
    if (ref !== undefined) {
      const found = await read(configMapKeyRef ? 'ConfigMap' : 'Secret', ref.name)
      const one = found?.[ref.key ?? '']
      if (one !== undefined) set(name, one)
      else if (ref.optional !== true) missing.push(`${name} (${ref.name} has no ${ref.key})`)
      continue
    }
    const field = sources.fields[fieldRef?.fieldPath ?? '']
    if (field === undefined) missing.push(`${name} (${fieldRef?.fieldPath ?? 'the resources'} of a pod)`)
    else set(name, field)
  }
  return { values, missing }
}

/** Reads each ConfigMap and Secret once. */
function reader({ kube, namespace, signal }: ValueSources) {
  const known = new Map<string, Promise<Record<string, string> | undefined>>()
  return (kind: 'ConfigMap' | 'Secret', name = '') => {
    const key = `${kind}/${name}`
    const found = known.get(key) ?? kube.get({ apiVersion: 'v1', kind, name, namespace }, signal).then(dataOf)
    known.set(key, found)
    return found
  }
}

function dataOf(object: KubeObject | undefined): Record<string, string> | undefined {
  if (object === undefined) return undefined
  const data = (object.data ?? {}) as Record<string, string>
  if (object.kind !== 'Secret') return data
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  )
}

/** Replaces `$(NAME)` by earlier variables, as Kubernetes does. `$$(NAME)` stays `$(NAME)`. */
function expanded(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$(\$|\(([^()]+)\))/g, (whole, escaped: string, name: string) =>
    escaped === '$' ? '$' : (values[name] ?? whole),
  )
}
