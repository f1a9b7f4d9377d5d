/**
 * How long it takes to load a 500 MB image again of which 1 MB changed, compared with `kind load docker-image`, on one cluster.
 * Run: node bench/image-reload.ts CLUSTER [path of kind]
 * Create the cluster first (kind create cluster --name CLUSTER). The registry and the images of the measurement are removed at the end.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dockerEngine } from '../src/engine/engine.ts'
import { execaRunner } from '../src/exec/runner.ts'
import { imageLoader } from '../src/images/load/load.ts'
import { connectNodes } from '../src/images/registry/nodes.ts'
import { ensureRegistry, type Registry, removeRegistry } from '../src/images/registry/registry.ts'
import { buildRequest } from '../test/support/build-request.ts'
import { builderFor } from '../test/support/image-builder.ts'

const rounds = 5
const [cluster, kind = 'kind'] = process.argv.slice(2)
if (cluster === undefined) throw new Error('usage: node bench/image-reload.ts CLUSTER [path of kind]')

const engine = dockerEngine(process.env)
const runner = execaRunner(process.env)
const builder = builderFor(process.env)
const loader = imageLoader(engine)
const signal = new AbortController().signal
const container = 'devk-bench-registry'
const references: string[] = []

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'devk-bench-'))
  try {
    const found = await engine.containers.list([`io.x-k8s.kind.cluster=${cluster}`], signal)
    const nodes = found.map((node) => node.name)
    const place = { dataFolder: join(folder, 'data'), loginFolder: join(folder, 'login'), container }
    const registry = await ensureRegistry(engine, place, signal)
    await connectNodes(engine, registry, { nodes }, signal)
    await writeBase(folder)
    await measure(folder, nodes, registry)
  } finally {
    await removeRegistry(engine, container, signal)
    for (const reference of references) await engine.images.remove(reference, signal)
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(folder: string, nodes: readonly string[], registry: Registry): Promise<void> {
  const viaRegistry = (n: number) => `${registry.host}/bench/app:${n}`
  const viaArchive = (n: number) => `bench/devk:${n}`
  const viaKind = (n: number) => `bench/kind:${n}`
  const load = (reference: string, through: Registry | undefined) =>
    timed(() => loader.load({ reference, nodes, registry: through }, () => {}, signal))
  const kindLoad = (reference: string) => timed(() => kindLoadImage(reference))
  const times = { registry: [] as number[], kind: [] as number[] }

  for (let round = 0; round <= rounds; round++) {
    await build(folder, viaRegistry(round))
    const registryMs = await load(viaRegistry(round), registry)
    await build(folder, viaKind(round))
    const kindMs = await kindLoad(viaKind(round))
    if (round === 0) {
      await build(folder, viaArchive(0))
      const archiveMs = await load(viaArchive(0), undefined)
      print(`first load     registry ${show(registryMs)}   archive ${show(archiveMs)}   kind load ${show(kindMs)}`)
    } else {
      times.registry.push(registryMs)
      times.kind.push(kindMs)
      print(`reload ${round}       registry ${show(registryMs)}   kind load ${show(kindMs)}`)
    }
  }
  const unchanged = await load(viaRegistry(rounds), registry)
  const ratio = median(times.registry) / median(times.kind)
  print(`unchanged      ${show(unchanged)}`)
  print(`median of ${rounds}    registry ${show(median(times.registry))}   kind load ${show(median(times.kind))}`)
  print(`ratio          ${ratio.toFixed(4)}   (${nodes.length} nodes)`)
}

async function kindLoadImage(reference: string): Promise<void> {
  const { exitCode, stderr } = await runner.run(kind, ['load', 'docker-image', reference, '--name', String(cluster)])
  if (exitCode !== 0) throw new Error(stderr)
}

/** Writes random bytes, which do not compress: the hardest case for the first push. */
async function writeBase(folder: string): Promise<void> {
  const names = ['one', 'two', 'three', 'four', 'five']
  for (const name of names) await writeFile(join(folder, name), randomBytes(100_000_000))
  const copies = [...names, 'changed'].map((name) => `COPY ${name} /${name}`)
  await writeFile(join(folder, 'Dockerfile'), ['FROM scratch', ...copies, ''].join('\n'))
  await writeFile(join(folder, '.dockerignore'), 'data\n')
}

async function build(folder: string, tag: string): Promise<void> {
  await writeFile(join(folder, 'changed'), randomBytes(1_000_000))
  await builder.build(buildRequest(folder, tag), () => {}, signal)
  references.push(tag)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function show(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`.padStart(8)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

await main()
