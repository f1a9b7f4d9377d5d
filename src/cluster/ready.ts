import { request } from 'node:https'
import { DevkError } from '../errors.ts'
import { readApiServer } from '../kube/client/api-server.ts'

const patienceMs = 2000

/**
 * Whether the API server of a context says that it is ready, with a certificate of the authority that the kubeconfig names: false for
 * another cluster in its place, and when there is no such context. https://kubernetes.io/docs/reference/using-api/health-checks/
 */
export async function apiServerReady(kubeconfig: string, context: string, signal: AbortSignal): Promise<boolean> {
  const endpoint = await readApiServer(kubeconfig, context).catch((error: unknown) => {
    if (error instanceof DevkError) return undefined
    throw error
  })
  if (endpoint === undefined) return false
  const { server, requests: agent } = endpoint
  const status = await new Promise<number | undefined>((resolve) => {
    const asked = request(new URL('/readyz', server), { agent, signal, timeout: patienceMs })
    asked.on('response', (answer) => {
      answer.destroy()
      resolve(answer.statusCode)
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer')))
    asked.on('error', () => resolve(undefined))
    asked.end()
  })
  agent.destroy()
  return status === 200
}
