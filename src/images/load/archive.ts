import { PassThrough, type Readable } from 'node:stream'
import type { Engine } from '../../engine/api.ts'
import { drained } from '../../lib/wait.ts'
import { importCommand, requireSuccess } from './node-images.ts'

/**
 * Streams an image from the engine into several nodes at once; no file is written, and the slowest node sets the pace.
 * Resolves with the bytes that each node received. Throws LOAD_FAILED or DISK_FULL with the message of the node
 * that refused the image.
 */
export type ImportArchive = (reference: string, nodes: readonly string[], signal: AbortSignal) => Promise<number>

/**
 * Imports archives one after the other. While the containerd of a node takes a layer from one archive, it blocks all
 * other archives with the same layer; two archives that wait for each other on different nodes would deadlock.
 */
export function archiveImporter(engine: Pick<Engine, 'images' | 'exec'>): ImportArchive {
  let last: Promise<unknown> = Promise.resolve()
  return (reference, nodes, signal) => {
    const own = last.then(() => stream(engine, reference, nodes, signal))
    last = own.catch(() => {})
    return own
  }
}

async function stream(
  engine: Pick<Engine, 'images' | 'exec'>,
  reference: string,
  nodes: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted()
  const source = await engine.images.save([reference], signal)
  const inputs = nodes.map(() => new PassThrough())
  const imports = nodes.map(async (node, index) => {
    const input = inputs[index] as PassThrough
    try {
      requireSuccess(node, importCommand, await engine.exec.run(node, importCommand, { stdin: input }, signal))
    } finally {
      input.destroy()
    }
  })
  const [bytes] = await Promise.all([tee(source, inputs), ...imports])
  return bytes
}

/**
 * Copies a stream to several targets and resolves with its bytes. A target that is closed early is skipped from then
 * on.
 */
export async function tee(source: Readable, targets: readonly PassThrough[]): Promise<number> {
  let bytes = 0
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      bytes += chunk.length
      const open = targets.filter((target) => !target.destroyed)
      if (open.length === 0) break
      await Promise.all(open.map((target) => (target.write(chunk) ? undefined : drained(target))))
    }
  } finally {
    for (const target of targets) target.end()
  }
  return bytes
}
