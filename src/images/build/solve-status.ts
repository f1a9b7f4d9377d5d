/** A step of a build in BuildKit. */
export interface Vertex {
  readonly digest: string
  readonly name: string
  readonly started: boolean
  readonly completed: boolean
  readonly cached: boolean
  readonly error: string
}

/** A status report of BuildKit: steps and output that are new. */
export interface SolveStatus {
  readonly vertexes: readonly Vertex[]
  readonly logs: readonly { readonly vertex: string; readonly text: string }[]
}

/**
 * Reads the lines of `buildx --progress=rawjson`, which are status reports; `onOther` is called with all other lines.
 * buildx 0.13 indents its JSON over several lines; later versions write one report per line.
 */
export function rawJsonReader(
  onStatus: (status: SolveStatus) => void,
  onOther: (line: string) => void,
): (line: string) => void {
  let held: string[] = []
  return (line) => {
    if (held.length > 0 || line === '{') {
      held.push(line)
      if (line !== '}') return
      onStatus(rawStatus(JSON.parse(held.join('\n')) as RawStatus))
      held = []
    } else if (line.startsWith('{') && line.endsWith('}')) onStatus(rawStatus(JSON.parse(line) as RawStatus))
    else if (line.trim() !== '') onOther(line)
  }
}

function rawStatus(status: RawStatus): SolveStatus {
  return {
    vertexes: (status.vertexes ?? []).map((vertex) => ({
      digest: vertex.digest ?? '',
      name: vertex.name ?? '',
      started: vertex.started !== undefined,
      completed: vertex.completed !== undefined,
      cached: vertex.cached ?? false,
      error: vertex.error ?? '',
    })),
    logs: (status.logs ?? []).map((log) => ({
      vertex: log.vertex ?? '',
      text: Buffer.from(log.data ?? '', 'base64').toString('utf8'),
    })),
  }
}

interface RawStatus {
  readonly vertexes?: readonly {
    digest?: string
    name?: string
    started?: string
    completed?: string
    cached?: boolean
    error?: string
  }[]
  readonly logs?: readonly { vertex?: string; data?: string }[]
}

/**
 * Decodes `moby.buildkit.trace` of the engine: a base64 protobuf StatusResponse
 * (https://github.com/moby/buildkit/blob/master/api/services/control/control.proto). The decoder of dockerode 5.0.1
 * (buildkit.js) converts it to text without the step that a line belongs to, so the required fields are read here.
 */
export function decodeTrace(base64: string): SolveStatus {
  const vertexes: Vertex[] = []
  const logs: { vertex: string; text: string }[] = []
  for (const [field, value] of fields(Buffer.from(base64, 'base64'))) {
    if (typeof value === 'bigint') continue
    const inner = [...fields(value)]
    const textOf = (wanted: number) => {
      const found = inner.find(([number]) => number === wanted)?.[1]
      return found instanceof Uint8Array ? Buffer.from(found).toString('utf8') : ''
    }
    const has = (wanted: number) => inner.some(([number]) => number === wanted)
    if (field === 1) {
      const cached = inner.some(([number, set]) => number === 4 && set === 1n)
      vertexes.push({
        digest: textOf(1),
        name: textOf(3),
        cached,
        started: has(5),
        completed: has(6),
        error: textOf(7),
      })
    }
    if (field === 3) logs.push({ vertex: textOf(1), text: textOf(4) })
  }
  return { vertexes, logs }
}

/** Fields of a protobuf message: varints as numbers, fields with a length as bytes. */
function* fields(bytes: Uint8Array): Generator<readonly [number: number, value: bigint | Uint8Array]> {
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; at < bytes.length; shift += 7n) {
      const byte = bytes[at++] ?? 0
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    return value
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const number = tag >> 3
    if ((tag & 7) === 0) yield [number, varint()]
    else if ((tag & 7) === 2) {
      const length = Number(varint())
      yield [number, bytes.subarray(at, at + length)]
      at += length
    } else at += (tag & 7) === 1 ? 8 : 4
  }
}
