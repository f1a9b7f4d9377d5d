import { StringDecoder } from 'node:string_decoder'

/** One line of such a stream. */
export type JsonLine = Readonly<Record<string, unknown>>

/** The JSON objects of a stream with one per line, which is how the engine answers a build, pull or push. */
export async function* jsonLines(stream: NodeJS.ReadableStream): AsyncGenerator<JsonLine> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of stream as AsyncIterable<Buffer | string>) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk))).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as JsonLine
  }
  rest += decoder.end()
  if (rest.trim() !== '') yield JSON.parse(rest) as JsonLine
}

/** A line of a pull or push as text: `3f9c2a1 Pushing 12%`; undefined for lines without a status. */
export function transferLine(line: JsonLine): string | undefined {
  if (typeof line.status !== 'string' || line.status === '') return undefined
  const detail = line.progressDetail as { current?: unknown; total?: unknown } | undefined
  const share =
    typeof detail?.current === 'number' && typeof detail.total === 'number' && detail.total > 0
      ? ` ${Math.min(100, Math.floor((100 * detail.current) / detail.total))}%`
      : ''
  return `${typeof line.id === 'string' ? `${line.id} ` : ''}${line.status}${share}`
}
