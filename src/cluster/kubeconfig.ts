import { readFile } from 'node:fs/promises'
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import { DevkError } from '../errors.ts'
import { kubeconfigValue } from '../kube/kubeconfig.ts'
import { isRecord, recordOf } from '../lib/record.ts'
import { nearest } from '../lib/text.ts'
import { digestKey, keyedDigest } from '../state/digest-key.ts'
import { writeAtomic } from '../state/files.ts'
import { type ContextFacts, canonicalServer } from './existing-guard.ts'

/** The kubeconfig files that kubectl would read: `file`, or those of KUBECONFIG, or ~/.kube/config. */
export function kubeconfigFiles(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): string[] {
  if (file !== undefined) return [file]
  const named = (env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '')
  return named.length > 0 ? named.map((path) => resolve(path)) : [join(home, '.kube', 'config')]
}

/** Where contexts are read from. */
export interface ContextPlace {
  readonly files: readonly string[]
  /** File with the key of the digests of login plugins. */
  readonly keyFile: string
}

/** One context of the user's kubeconfig. */
export interface ExtractedContext {
  readonly facts: ContextFacts
  /**
   * A kubeconfig with only this context. Certificates, tokens, exec plugins and proxy are unchanged; paths are
   * absolute.
   */
  readonly text: string
}

type Entry = Readonly<Record<string, unknown>>

/**
 * Extracts a context with its cluster and user from kubeconfig files. As with kubectl, the first file that has an entry
 * wins. Sends nothing. Throws CLUSTER_MISSING when no file has the context, or its cluster or user.
 */
export async function extractContext({ files, keyFile }: ContextPlace, context: string): Promise<ExtractedContext> {
  const configs = await Promise.all(files.map(readConfig))
  const lists = (key: string) =>
    configs.flatMap(({ file, config }) => entries(config, key).map((entry) => ({ file, entry })))
  const find = (key: string, name: unknown) => lists(key).find(({ entry }) => entry.name === name)
  const found = find('contexts', context)
  if (found === undefined)
    throw noContext(
      context,
      files,
      lists('contexts').map(({ entry }) => String(entry.name)),
    )
  const inner = (found.entry.context ?? {}) as Entry
  const [cluster, user] = [find('clusters', inner.cluster), find('users', inner.user)]
  if (cluster === undefined || (user === undefined && inner.user !== undefined)) {
    const missing = cluster === undefined ? `cluster "${inner.cluster}"` : `user "${inner.user}"`
    throw new DevkError(
      'CLUSTER_MISSING',
      `The context ${context} refers to the ${missing}, which is not in ${found.file}`,
    )
  }
  const server = (cluster.entry.cluster as Entry | undefined)?.server
  if (typeof server !== 'string' || !URL.canParse(server)) {
    throw new DevkError('CLUSTER_MISSING', `${cluster.file}: the cluster of the context ${context} has no server`)
  }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    contexts: [found.entry],
    clusters: [{ ...cluster.entry, cluster: absolutePaths(cluster.entry.cluster, cluster.file) }],
    users: user === undefined ? [] : [{ ...user.entry, user: absolutePaths(user.entry.user, user.file) }],
  }
  return {
    facts: {
      context,
      cluster: String(inner.cluster),
      server: canonicalServer(server),
      access: accessOf(config.users[0], config.clusters[0]?.cluster, await digestKey(keyFile)),
    },
    text: kubeconfigText(config),
  }
}

/** A kubeconfig in the form in which devk reads it in the least time: to load and run the YAML parser takes 15 ms. */
function kubeconfigText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

/** Gives a kubeconfig that kind or Minikube wrote the form of `kubeconfigText`, which they read too. */
export async function rewriteKubeconfig(file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  if (!text.startsWith('{')) await writeAtomic(file, kubeconfigText(await kubeconfigValue(text)))
}

/**
 * How a context reaches its server, for people and for comparison. A token or certificate may be renewed and is not
 * part of it. The environment of a login plugin may contain secrets, so a keyed digest stands for all its settings.
 */
function accessOf(user: Entry | undefined, cluster: unknown, secret: string): string {
  const entry = recordOf(user?.user)
  const plugins = ['exec', 'auth-provider'].flatMap((key) => {
    const plugin = entry[key]
    if (!isRecord(plugin)) return []
    const digest = keyedDigest(secret, JSON.stringify(plugin)).slice(0, 12)
    return [`the login plugin ${plugin.command ?? plugin.name} (settings ${digest})`]
  })
  const { 'proxy-url': proxy, 'insecure-skip-tls-verify': unchecked } = recordOf(cluster)
  return [
    user === undefined ? 'no user' : `the user ${user.name}`,
    ...plugins,
    ...(typeof entry.as === 'string' ? [`the identity ${entry.as}`] : []),
    ...(typeof proxy === 'string' ? [`the proxy ${proxy.replace(/\/\/[^@/]*@/, '//')}`] : []),
    ...(unchecked === true ? ['no check of the certificate'] : []),
  ].join(', ')
}

async function readConfig(file: string): Promise<{ file: string; config: Entry }> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw new DevkError('CLUSTER_MISSING', `The kubeconfig ${file} cannot be read (${error.code})`, { cause: error })
  })
  try {
    return { file, config: ((await kubeconfigValue(text)) ?? {}) as Entry }
  } catch (cause) {
    throw new DevkError('CLUSTER_MISSING', `The kubeconfig ${file} is not valid YAML`, { cause })
  }
}

function entries(config: Entry, key: string): Entry[] {
  const list = config[key]
  return Array.isArray(list) ? (list as Entry[]) : []
}

const fileKeys = new Set(['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'])

/** Paths in a kubeconfig are relative to its folder. So is the command of an exec plugin when it has a slash. */
function absolutePaths(value: unknown, file: string): unknown {
  if (typeof value !== 'object' || value === null) return value
  const absolute = (path: string) => (isAbsolute(path) ? path : resolve(dirname(file), path))
  const changed = Object.entries(value).map(([key, inner]) => {
    if (fileKeys.has(key) && typeof inner === 'string' && inner !== '') return [key, absolute(inner)]
    if (key === 'exec' && typeof inner === 'object' && inner !== null) {
      const { command } = inner as { command?: unknown }
      const program = typeof command === 'string' && command.includes('/') ? absolute(command) : command
      return [key, { ...inner, command: program }]
    }
    return [key, inner]
  })
  return Object.fromEntries(changed)
}

function noContext(context: string, files: readonly string[], names: readonly string[]): DevkError {
  const near = nearest(context, names)
  return new DevkError('CLUSTER_MISSING', `${files.join(', ')} has no context "${context}"`, {
    details: ['Nothing was changed.'],
    hint: near === undefined ? `Available contexts: ${names.join(', ') || 'none'}.` : `Did you mean "${near}"?`,
  })
}
