import type { KindRef, ServedKind } from '../api.ts'
import { apiFailure } from './errors.ts'
import type { Http } from './http.ts'

/** How a kind is addressed: the plural name in its URL, and whether it is namespaced. */
export interface Resource {
  /** The group version that serves it. */
  readonly apiVersion: string
  readonly plural: string
  readonly namespaced: boolean
}

/** What the API server serves, by its own account. */
export interface Discovery {
  /** The resource of a kind in exactly this API version; undefined for a kind that the server does not serve. */
  find(kind: KindRef, signal: AbortSignal): Promise<Resource | undefined>
  /**
   * The resource of a kind, in another version of its API group if the server no longer serves the given one. The
   * server's preferred version comes first.
   */
  findInGroup(kind: KindRef, signal: AbortSignal): Promise<Resource | undefined>
  /** Every kind whose objects can be listed and deleted, in the server's preferred version. */
  kinds(signal: AbortSignal): Promise<ServedKind[]>
}

interface ApiResource {
  readonly name: string
  readonly kind: string
  readonly namespaced: boolean
  readonly verbs?: readonly string[]
}

interface ApiGroup {
  readonly preferredVersion?: { readonly groupVersion: string }
  readonly versions?: readonly { readonly groupVersion: string }[]
}

/**
 * Finds resources by kind. Caches the resources of each group version. Requests them again for a kind that is not among
 * them, since its definition may have been applied since.
 */
export function discovery(http: Http): Discovery {
  const known = new Map<string, Promise<Map<string, ApiResource>>>()

  const get = async <T>(path: string, signal: AbortSignal): Promise<T | undefined> => {
    const answer = await http.request({ method: 'GET', path, signal })
    if (answer.status === 404) return undefined
    if (answer.status !== 200) throw apiFailure({ method: 'GET', path }, answer.status, answer.body)
    return answer.body as T
  }

  const fetch = async (apiVersion: string, signal: AbortSignal): Promise<Map<string, ApiResource>> => {
    const answer = await get<{ resources?: readonly ApiResource[] }>(apiRoot(apiVersion), signal)
    const whole = (answer?.resources ?? []).filter(({ name }) => !name.includes('/'))
    return new Map(whole.map((resource) => [resource.kind, resource]))
  }

  const lookUp = (apiVersion: string, signal: AbortSignal) => {
    const found = fetch(apiVersion, signal)
    known.set(apiVersion, found)
    // Do not cache a failure or the abort of one caller.
    found.catch(() => known.get(apiVersion) === found && known.delete(apiVersion))
    return found
  }

  const find = async ({ apiVersion, kind }: KindRef, signal: AbortSignal): Promise<Resource | undefined> => {
    const toResource = (found: ApiResource | undefined) =>
      found && { apiVersion, plural: found.name, namespaced: found.namespaced }
    const cached = known.get(apiVersion)
    if (cached) {
      const resource = toResource((await cached.catch(() => undefined))?.get(kind))
      if (resource) return resource
      signal.throwIfAborted()
    }
    return toResource((await lookUp(apiVersion, signal)).get(kind))
  }

  return {
    find,
    async findInGroup(kind, signal) {
      const exact = await find(kind, signal)
      const [group, version] = kind.apiVersion.split('/')
      if (exact !== undefined || version === undefined) return exact
      const served = await get<ApiGroup>(`/apis/${group}`, signal)
      for (const apiVersion of versionsOf(served)) {
        const resource = await find({ apiVersion, kind: kind.kind }, signal)
        if (resource !== undefined) return resource
      }
      return undefined
    },
    async kinds(signal) {
      const served = await get<{ groups?: readonly ApiGroup[] }>('/apis', signal)
      const groups = (served?.groups ?? []).map(versionsOf)
      const lists = await Promise.all([['v1'], ...groups].map((versions) => kindsOf(versions, signal)))
      return lists.flat()
    },
  }

  /** The kinds of one group. A kind that its preferred version lacks is taken from the next version that has it. */
  async function kindsOf(versions: readonly string[], signal: AbortSignal): Promise<ServedKind[]> {
    const found = new Map<string, ServedKind>()
    for (const apiVersion of versions) {
      // An aggregated API whose server is down must not hide all other groups.
      const resources = await lookUp(apiVersion, signal).catch(() => new Map<string, ApiResource>())
      signal.throwIfAborted()
      for (const { kind, namespaced, verbs = [] } of resources.values()) {
        if (found.has(kind) || !verbs.includes('list') || !verbs.includes('delete')) continue
        found.set(kind, { apiVersion, kind, namespaced })
      }
    }
    return [...found.values()]
  }
}

/** The versions of a group, the preferred one first. */
function versionsOf(group: ApiGroup | undefined): string[] {
  const all = (group?.versions ?? []).map(({ groupVersion }) => groupVersion)
  const preferred = group?.preferredVersion?.groupVersion
  return preferred === undefined ? all : [preferred, ...all.filter((version) => version !== preferred)]
}

/** `/api/v1` for the core group, `/apis/GROUP/VERSION` for others. */
export function apiRoot(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
}
