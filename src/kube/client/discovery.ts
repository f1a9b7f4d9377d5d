import type { KindRef } from '../api.ts'
import { apiFailure } from './errors.ts'
import type { Http } from './http.ts'

/** How a kind is addressed: the plural name in its URL, and whether it is namespaced. */
export interface Resource {
  readonly plural: string
  readonly namespaced: boolean
}

interface ApiResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[]
}

/**
 * Finds resources by kind. Caches the resources of each group version. Requests them again for a kind that is not among
 * them, since its definition may have been applied since. Returns undefined for a kind that the server does not serve.
 */
export function discovery(http: Http): (kind: KindRef, signal: AbortSignal) => Promise<Resource | undefined> {
  const known = new Map<string, Promise<Map<string, Resource>>>()

  const fetch = async (apiVersion: string, signal: AbortSignal): Promise<Map<string, Resource>> => {
    const path = apiRoot(apiVersion)
    const answer = await http.request({ method: 'GET', path, signal })
    if (answer.status === 404) return new Map()
    if (answer.status !== 200) throw apiFailure({ method: 'GET', path }, answer.status, answer.body)
    const { resources = [] } = answer.body as ApiResourceList
    const whole = resources.filter((resource) => !resource.name.includes('/'))
    return new Map(whole.map((r) => [r.kind, { plural: r.name, namespaced: r.namespaced }]))
  }

  const lookUp = (apiVersion: string, signal: AbortSignal) => {
    const found = fetch(apiVersion, signal)
    known.set(apiVersion, found)
    // Do not cache a failure or the abort of one caller.
    found.catch(() => known.get(apiVersion) === found && known.delete(apiVersion))
    return found
  }

  return async ({ apiVersion, kind }, signal) => {
    const cached = known.get(apiVersion)
    if (cached) {
      const resource = (await cached.catch(() => undefined))?.get(kind)
      if (resource) return resource
      signal.throwIfAborted()
    }
    return (await lookUp(apiVersion, signal)).get(kind)
  }
}

/** `/api/v1` for the core group, `/apis/GROUP/VERSION` for others. */
export function apiRoot(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
}
