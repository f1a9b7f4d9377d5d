import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { onTestFinished } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { labels } from '../../../src/lib/keys.ts'
import type { OpenProject } from '../../../src/project/open.ts'
import { fakeKube } from '../../fakes/kube.ts'

/** A pod of a preset whose container declares a port. */
export function presetPod(name: string, preset: string, containerPort: number, ready = true): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'monitoring',
      labels: { [labels.project]: 'todo', [labels.preset]: preset },
    },
    spec: { containers: [{ name, ports: [{ containerPort }] }] },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }
}

/** A stack whose pods are all this server, through a connection like that of a port-forward. */
export async function servedStack(answer: RequestListener, objects: readonly KubeObject[]) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const connected: string[] = []
  const streams = {
    async connect(pod: { namespace: string; name: string }, port: number) {
      connected.push(`${pod.namespace}/${pod.name}:${port}`)
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
      await once(socket, 'connect')
      return socket
    },
  }
  const open = { record: { name: 'todo' }, kube: fakeKube({ objects }), streams } as unknown as OpenProject
  return { open, connected }
}
