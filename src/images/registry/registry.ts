import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { ContainerInfo, Engine } from '../../engine/api.ts'
import { DevkError } from '../../errors.ts'
import { engineLabels } from '../../lib/keys.ts'
import { waitUntil } from '../../lib/wait.ts'
import { askRegistry } from './http.ts'

/** Name of the container of the registry, which all projects share. */
export const registryContainer = 'devk-registry'
/** The image of the registry. */
export const registryImage = 'registry:3'
const inside = '5000/tcp'
const kindNetwork = 'kind'
const firstPort = 5001

/** The running registry. */
export interface Registry {
  readonly container: string
  readonly port: number
  /** `localhost:5001`, the first part of every reference in it. */
  readonly host: string
  /** URL for nodes in its networks: `http://devk-registry:5000`. */
  readonly nodeUrl: string
}

/** Where the registry runs. */
export interface RegistryPlace {
  /** Folder on this machine that keeps its data. */
  readonly dataFolder: string
  readonly container: string
}

/**
 * Starts the loopback registry unless it is running, on 127.0.0.1:5001 or the next free port, which the container
 * keeps. Throws IMAGE_MISSING when the engine does not have registry:3, OBJECT_FOREIGN when devk did not create the
 * container of that name, PORT_TAKEN when no port is free, and NOT_READY when the registry does not answer.
 */
export async function ensureRegistry(engine: Engine, place: RegistryPlace, signal: AbortSignal): Promise<Registry> {
  await mkdir(place.dataFolder, { recursive: true })
  const found = await engine.containers.inspect(place.container, signal)
  if (found === undefined) await create(engine, place, signal)
  else if (found.labels[engineLabels.registry] !== 'true') throw foreign(found)
  else if (found.state !== 'running') await restart(engine, place, signal)
  const check = async () => {
    const running = await findRegistry(engine, place.container, signal)
    if (running === undefined) return 'its container is not running'
    return askRegistry(running.port, '', signal).then(
      (answer) => (answer === undefined ? 'it has no /v2/' : undefined),
      (error: Error) => error.message,
    )
  }
  await waitUntil(check, { what: 'The loopback registry', timeoutMs: 20_000, intervalMs: 50, signal })
  await connectToNodes(engine, place.container, kindNetwork, signal)
  const running = await findRegistry(engine, place.container, signal)
  if (running === undefined)
    throw new DevkError('NOT_READY', `The container ${place.container} stopped after its start`)
  return running
}

/** The registry if it is running. Changes nothing. */
export async function findRegistry(
  engine: Engine,
  container: string,
  signal: AbortSignal,
): Promise<Registry | undefined> {
  const found = await engine.containers.inspect(container, signal)
  if (found?.state !== 'running' || found.labels[engineLabels.registry] !== 'true') return undefined
  const port = found.ports.find((binding) => binding.container === inside)?.hostPort
  if (port === undefined) return undefined
  return { container, port, host: `localhost:${port}`, nodeUrl: `http://${container}:5000` }
}

/** Removes the container. Its data stays, so that the next push does not have to compress and send all layers again. */
export async function removeRegistry(engine: Engine, container: string, signal: AbortSignal): Promise<void> {
  const found = await engine.containers.inspect(container, signal)
  if (found?.labels[engineLabels.registry] === 'true') await engine.containers.remove(found.id, signal)
}

/**
 * Configures the containerd of each node in a network to use the registry for `localhost:<port>`, and for its name in
 * that network: other tools name images after either (KEP-1755). Writes nothing where that is already configured.
 * Throws LOAD_FAILED.
 */
export async function connectNodes(
  engine: Engine,
  registry: Registry,
  { nodes, network = kindNetwork }: { readonly nodes: readonly string[]; readonly network?: string },
  signal: AbortSignal,
): Promise<void> {
  await connectToNodes(engine, registry.container, network, signal)
  const hosts = `[host."${registry.nodeUrl}"]\n  capabilities = ["pull", "resolve"]\n`
  const folders = [registry.host, insideName(registry)].map((name) => `/etc/containerd/certs.d/${name}`)
  const script =
    'text=$1; shift; for folder; do printf %s "$text" | cmp -s - "$folder/hosts.toml" || ' +
    '{ mkdir -p "$folder" && printf %s "$text" > "$folder/hosts.toml" || exit; }; done'
  const connect = async (node: string) => {
    const result = await engine.exec.run(node, ['sh', '-c', script, 'sh', hosts, ...folders], {}, signal)
    if (result.exitCode === 0) return
    throw new DevkError('LOAD_FAILED', `Node ${node} cannot be connected to the registry: ${result.stderr.trim()}`)
  }
  await Promise.all(nodes.map(connect))
}

/** The name and port of the registry in the networks of its nodes: `devk-registry:5000`. */
export function insideName({ nodeUrl }: Pick<Registry, 'nodeUrl'>): string {
  return nodeUrl.replace(/^https?:\/\//, '')
}

async function connectToNodes(engine: Engine, container: string, network: string, signal: AbortSignal): Promise<void> {
  if (await engine.networks.exists(network, signal)) await engine.networks.connect(network, container, signal)
}

/** Recreates the container with another port when its port was taken while it was stopped. */
async function restart(engine: Engine, place: RegistryPlace, signal: AbortSignal): Promise<void> {
  try {
    await engine.containers.start(place.container, signal)
  } catch (error) {
    if (!(error instanceof DevkError)) throw error
    await engine.containers.remove(place.container, signal)
    await create(engine, place, signal)
  }
}

async function create(engine: Engine, { container, dataFolder }: RegistryPlace, signal: AbortSignal): Promise<void> {
  const spec = {
    name: container,
    image: registryImage,
    labels: { [engineLabels.registry]: 'true' },
    env: { REGISTRY_STORAGE_DELETE_ENABLED: 'true', REGISTRY_LOG_LEVEL: 'warn', OTEL_TRACES_EXPORTER: 'none' },
    ports: [{ container: inside, hostPort: await freePort(firstPort) }],
    binds: [{ source: dataFolder, target: '/var/lib/registry' }],
    restart: 'unless-stopped',
  } as const
  try {
    await engine.containers.create(spec, signal)
    await engine.containers.start(container, signal)
  } catch (error) {
    // Two projects may start at the same time: the second one uses the container of the first.
    if ((error as { statusCode?: unknown }).statusCode === 409) return
    if (error instanceof DevkError && error.code !== 'IMAGE_MISSING') await engine.containers.remove(container, signal)
    throw error
  }
}

async function freePort(from: number): Promise<number> {
  for (let port = from; port < from + 100; port++) if (await isFree(port)) return port
  throw new DevkError('PORT_TAKEN', `None of the ports ${from} to ${from + 99} is free for the loopback registry`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

function foreign(found: ContainerInfo): DevkError {
  return new DevkError('OBJECT_FOREIGN', `The container ${found.name} already exists, and devk did not create it`, {
    hint: `Rename or remove it (docker rename ${found.name} other), then run devk up again.`,
  })
}
