/** A port on 127.0.0.1 and the one behind it. */
export interface PortPair {
  readonly local: number
  readonly remote: number
}

/** 8000, "8000" or "18000:8000" (LOCAL:REMOTE) as the schema lets it be written. */
export function portPair(mapping: number | string): PortPair {
  const [local = 0, remote = local] = String(mapping).split(':').map(Number)
  return { local, remote }
}
