import { PassThrough, type Readable } from 'node:stream'
import type { Engine } from '../../engine/api.ts'
import { importCommand, requireSuccess } from './node-images.ts'

/** The archive that is on its way, or was last. */
let turn: Promise<unknown> = Promise.resolve()

/**
 * Streams the image from the engine into every node at once, with no file between; the slowest node sets the pace. One image after the
 * other: while a node's containerd takes a layer from one archive, it lets every other that holds the same layer wait, and two archives
 * that wait for each other on different nodes would do so for ever. Gives the bytes each node got. Throws LOAD_FAILED with the words of
 * the node that refused it.
 */
export function importArchive(
  engine: Engine,
  reference: string,
  nodes: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const own = turn.then(() => stream(engine, reference, nodes, signal))
  turn = own.catch(() => {})
  return own
}

async function stream(
  engine: Engine,
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

/** Copies a stream to several; one that is closed early is passed over. */
export async function tee(source: Readable, targets: readonly PassThrough[]): Promise<number> {
  let bytes = 0
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      bytes += chunk.length
      const open = targets.filter((target) => !target.destroyed)
      if (open.length === 0) break
      await Promise.all(open.map((target) => (target.write(chunk) ? undefined : roomIn(target))))
    }
  } finally {
    for (const target of targets) target.end()
  }
  return bytes
}

function roomIn(target: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      target.off('drain', done).off('close', done)
      resolve()
    }
    target.on('drain', done).on('close', done)
  })
}
