import type { Engine } from '../../engine/api.ts'
import { saysDiskFull } from '../../engine/failure.ts'
import { DevkError } from '../../errors.ts'

/** An image on a node. */
export interface NodeImage {
  /** Digest of its manifest. */
  readonly digest: string
  /** Whether all layers are unpacked, so that a container can start. */
  readonly unpacked: boolean
}

const ctr = ['ctr', '--namespace', 'k8s.io']

/** Those of these images that a node has, in one call. Throws LOAD_FAILED or DISK_FULL. */
export async function nodeImages(
  engine: Engine,
  node: string,
  references: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, NodeImage>> {
  const filters = references.map((reference) => `name==${JSON.stringify(reference)}`)
  return parseCheck(await run(engine, node, { argv: [...ctr, 'images', 'check', ...filters] }, signal))
}

/** Reads the table of `ctr images check`: reference, type, digest, status (several words), size, unpacked. */
export function parseCheck(output: string): Map<string, NodeImage> {
  const found = new Map<string, NodeImage>()
  for (const line of output.split('\n').slice(1)) {
    const words = line.trim().split(/\s+/)
    const [reference, , digest] = words
    if (reference && digest?.startsWith('sha256:')) found.set(reference, { digest, unpacked: words.at(-1) === 'true' })
  }
  return found
}

/**
 * The digest of the configuration of a manifest in the content store of a node; undefined when the manifest is missing.
 */
export async function configOnNode(
  engine: Engine,
  node: string,
  manifest: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { exitCode, stdout } = await engine.exec.run(node, [...ctr, 'content', 'get', manifest], {}, signal)
  if (exitCode !== 0) return undefined
  return (JSON.parse(stdout) as { config?: { digest?: string } }).config?.digest
}

/**
 * Pulls an image from the loopback registry. `--local` fetches in ctr instead of containerd, whose environment may name
 * a proxy that cannot reach the registry. Throws LOAD_FAILED or DISK_FULL.
 */
export async function pullOnNode(engine: Engine, node: string, reference: string, signal: AbortSignal): Promise<void> {
  const argv = [...ctr, 'images', 'pull', '--local', '--hosts-dir', '/etc/containerd/certs.d', reference]
  await run(engine, node, { argv, env: { NO_PROXY: '*', no_proxy: '*' } }, signal)
}

/** The command that imports an archive from its standard input. */
export const importCommand: readonly string[] = [...ctr, 'images', 'import', '--local', '-']

/**
 * Throws DISK_FULL or LOAD_FAILED, with the last lines of its output, when a command failed on a node.
 */
export function requireSuccess(
  node: string,
  argv: readonly string[],
  result: { exitCode: number; stderr: string },
): void {
  if (result.exitCode === 0) return
  const lines = result.stderr.trim().split('\n')
  const details = lines.slice(-5)
  const command = argv.slice(0, 5).join(' ')
  if (!saysDiskFull(lines)) throw new DevkError('LOAD_FAILED', `${command} failed on node ${node}`, { details })
  throw new DevkError('DISK_FULL', `${command} failed on node ${node}: its disk is full`, {
    details,
    hint:
      `See docker exec ${node} df -h /var/lib/containerd. Nodes that are containers share the disk of the ` +
      'engine. To free space: devk prune, docker system prune; or use fewer nodes.',
  })
}

async function run(
  engine: Engine,
  node: string,
  { argv, env = {} }: { readonly argv: readonly string[]; readonly env?: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<string> {
  const result = await engine.exec.run(node, argv, { env }, signal)
  requireSuccess(node, argv, result)
  return result.stdout
}
