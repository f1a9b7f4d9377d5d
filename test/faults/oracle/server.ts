import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeObject } from '../../../src/kube/api.ts'
import { findKubectl } from '../../e2e/support/tools.ts'
import type { ControlPlane } from '../support/control-plane.ts'

/** The API server as kubectl sees it; it shares no code with devk. */
export interface Server {
  /** The objects in a collection, such as `/api/v1/configmaps`. */
  list(collection: string): Promise<KubeObject[]>
  /** Creates an object in a collection, as a field manager that is not devk. */
  create(collection: string, object: object): Promise<KubeObject>
  /** Merges fields into what is at a path, such as that of an object or of its status. */
  patch(path: string, fields: object): Promise<void>
  /** Calls for each object of a collection, and again for each of its changes, until the signal. */
  watch(
    collection: string,
    onChange: (object: KubeObject, isDeleted: boolean) => void,
    signal: AbortSignal,
  ): Promise<void>
  /** Deletes what is at a path. */
  remove(path: string): Promise<void>
  close(): void
}

/** Reaches the API server through `kubectl proxy`, because a kubectl process for each request would take most of the time. */
export async function serverOf({ kubeconfig, context }: Pick<ControlPlane, 'kubeconfig' | 'context'>): Promise<Server> {
  const proxy = spawn(
    await findKubectl(),
    ['proxy', '--port=0', `--kubeconfig=${kubeconfig}`, `--context=${context}`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const [line] = (await once(createInterface({ input: proxy.stdout }), 'line')) as [string]
  const address = /127\.0\.0\.1:\d+/.exec(line)?.[0]
  if (address === undefined) throw new Error(`kubectl proxy said: ${line}`)
  const call = async (path: string, init: RequestInit = {}) => {
    let answer = await fetch(`http://${address}${path}`, init)
    // For a moment after a definition is created, the server asks to come back.
    for (let left = 20; answer.status === 429 && left > 0; left -= 1) {
      await sleep(500)
      answer = await fetch(`http://${address}${path}`, init)
    }
    // The answer for a group that is not served is plain text.
    const text = await answer.text()
    const body = answer.status === 404 ? {} : (JSON.parse(text) as Record<string, unknown>)
    if (!answer.ok && answer.status !== 404) throw new Error(`${init.method ?? 'GET'} ${path}: ${JSON.stringify(body)}`)
    return { status: answer.status, body }
  }
  return {
    async list(collection) {
      const { status, body } = await call(collection)
      // A kind that is not served has no objects.
      if (status === 404) return []
      const kind = String(body.kind).replace(/List$/, '')
      const items = body.items as KubeObject[]
      return items.map((item) => ({ ...item, apiVersion: String(body.apiVersion), kind }))
    },
    async create(collection, object) {
      const headers = { 'content-type': 'application/json' }
      const path = `${collection}?fieldManager=somebody`
      const { status, body } = await call(path, { method: 'POST', headers, body: JSON.stringify(object) })
      if (status === 404) throw new Error(`POST ${collection}: not found`)
      return body as unknown as KubeObject
    },
    async patch(path, fields) {
      const headers = { 'content-type': 'application/merge-patch+json' }
      await call(`${path}?fieldManager=somebody`, { method: 'PATCH', headers, body: JSON.stringify(fields) })
    },
    async watch(collection, onChange, signal) {
      const separator = collection.includes('?') ? '&' : '?'
      try {
        const { body } = await fetch(`http://${address}${collection}${separator}watch=1`, { signal })
        if (body === null) throw new Error(`no events of ${collection}`)
        for await (const line of createInterface({ input: Readable.fromWeb(body) })) {
          const { type, object } = JSON.parse(line) as { type: string; object: KubeObject }
          onChange(object, type === 'DELETED')
        }
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
    remove: async (path) => void (await call(path, { method: 'DELETE' })),
    close: () => void proxy.kill(),
  }
}
