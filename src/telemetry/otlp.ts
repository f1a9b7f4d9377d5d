/** A span of devk, before it is sent. Times are wall clock in milliseconds, with fractions. */
export interface OutSpan {
  /** 32 hexadecimal digits. */
  readonly trace: string
  /** 16 hexadecimal digits. */
  readonly id: string
  /** undefined: it begins the trace. */
  readonly parent: string | undefined
  readonly name: string
  /** It waits for another program, whose spans may be below it. */
  readonly isClient: boolean
  readonly start: number
  readonly end: number
  /** Why it failed; undefined if it did not. */
  readonly problem: string | undefined
  readonly attributes: Readonly<Record<string, string | number>>
}

/** Kinds and states of the protocol. */
const [internal, client] = [1, 3]
const [unset, error] = [0, 2]

/**
 * Spans as a request of OTLP over HTTP in JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding.
 * `resource` says whose they are. Pure.
 */
export function otlpRequest(spans: readonly OutSpan[], resource: OutSpan['attributes']): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope: { name: 'devk' }, spans: spans.map(spanOf) }],
      },
    ],
  }
}

/** The value of the header `traceparent` that puts what a request leads to below a span. Pure. */
export function traceParent({ trace, id }: Pick<OutSpan, 'trace' | 'id'>): string {
  return `00-${trace}-${id}-01`
}

function spanOf({ trace, id, parent, name, isClient, start, end, problem, attributes }: OutSpan): object {
  return {
    traceId: trace,
    spanId: id,
    ...(parent === undefined ? {} : { parentSpanId: parent }),
    name,
    kind: isClient ? client : internal,
    startTimeUnixNano: nanoseconds(start),
    endTimeUnixNano: nanoseconds(end),
    attributes: attributesOf(attributes),
    status: problem === undefined ? { code: unset } : { code: error, message: problem },
  }
}

function attributesOf(attributes: OutSpan['attributes']): object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { doubleValue: value },
  }))
}

/** A number of JSON cannot hold them. */
function nanoseconds(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * 1000n)
}
