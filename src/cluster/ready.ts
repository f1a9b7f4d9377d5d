import { request } from 'node:https'
import { parse } from 'yaml'
import { readIfThere } from '../state/files.ts'

interface Kubeconfig {
  readonly clusters?: readonly {
    readonly cluster?: { readonly server?: string; readonly 'certificate-authority-data'?: string }
  }[]
}

const patienceMs = 2000

/**
 * Whether the API server of a kubeconfig says that it is ready, with a certificate of the authority that is named there: false for
 * another cluster in its place, and when there is no such file. https://kubernetes.io/docs/reference/using-api/health-checks/
 */
export async function apiServerReady(kubeconfig: string, signal: AbortSignal): Promise<boolean> {
  const config: Kubeconfig | undefined = parse((await readIfThere(kubeconfig)) ?? '')
  const { server = '', 'certificate-authority-data': authority } = config?.clusters?.[0]?.cluster ?? {}
  if (!URL.canParse(server) || authority === undefined) return false
  const ca = Buffer.from(authority, 'base64')
  return new Promise((resolve) => {
    const asked = request(new URL('/readyz', server), { ca, signal, agent: false, timeout: patienceMs })
    asked.on('response', (answer) => {
      answer.destroy()
      resolve(answer.statusCode === 200)
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer')))
    asked.on('error', () => resolve(false))
    asked.end()
  })
}
