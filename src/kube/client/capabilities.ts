import { inParallel } from '../../lib/parallel.ts'
import type { Capabilities } from '../api.ts'
import { apiRoot } from './discovery.ts'
import { apiFailure } from './errors.ts'
import type { Http } from './http.ts'

interface Groups {
  readonly groups?: readonly { readonly versions: readonly { readonly groupVersion: string }[] }[]
}

interface Resources {
  readonly resources?: readonly { readonly kind: string }[]
}

/** Reads the version of the server and all that it serves. Throws KUBE_API. */
export async function readCapabilities(http: Http, signal: AbortSignal): Promise<Capabilities> {
  const get = async (path: string) => {
    const { status, body } = await http.request({ method: 'GET', path, signal })
    // The server of an aggregated API may be down; its group is then listed, and its resources are not.
    if (status === 404 || status === 503) return {}
    if (status !== 200) throw apiFailure({ method: 'GET', path }, status, body)
    return body
  }
  const [version, groups] = await Promise.all([get('/version'), get('/apis')])
  const { gitVersion } = version as { readonly gitVersion?: string }
  const listed = ((groups as Groups).groups ?? []).flatMap(({ versions }) => versions)
  const all = ['v1', ...listed.map(({ groupVersion }) => groupVersion)]
  const kinds = await inParallel(all, 8, async (apiVersion) => {
    const { resources = [] } = (await get(apiRoot(apiVersion))) as Resources
    return [apiVersion, ...new Set(resources.map(({ kind }) => `${apiVersion}/${kind}`))]
  })
  return { kubeVersion: gitVersion, apiVersions: kinds.flat() }
}
