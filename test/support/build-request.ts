import { join } from 'node:path'
import type { BuildRequest } from '../../src/images/build/request.ts'

/** A request to build the Dockerfile of a folder as `tag`, with every option at its default; `changes` sets options. */
export function buildRequest(context: string, tag: string, changes: Partial<BuildRequest> = {}): BuildRequest {
  return {
    context,
    dockerfile: join(context, 'Dockerfile'),
    tag,
    contexts: {},
    ssh: [],
    target: undefined,
    args: {},
    platform: undefined,
    secrets: {},
    cacheFrom: [],
    noCache: false,
    labels: {},
    caCertificates: undefined,
    ...changes,
  }
}
