import { expect, test } from 'vitest'
import type { KubeObject, ObjectRef } from '../../../../src/kube/api.ts'
import { presetForwards } from '../../../../src/up/presets/forwards.ts'

const signal = new AbortController().signal
const node = { name: 'n', role: 'control-plane', container: 'todo-control-plane', running: true } as const
const port = (service: string, forward?: number) => ({
  name: `${service}-ui`,
  service,
  port: 9090,
  ...(forward === undefined ? {} : { forward }),
})
const kube = {
  get: async ({ apiVersion, kind, name, namespace }: ObjectRef): Promise<KubeObject | undefined> => {
    const addresses: Record<string, string> = { prometheus: '10.96.0.9', headless: 'None' }
    const clusterIP = addresses[name]
    if (clusterIP === undefined || namespace !== 'monitoring') return undefined
    return { apiVersion, kind, metadata: { name, namespace }, spec: { clusterIP } }
  },
}

test('a forward leads through a node on this machine to the address of the Service', async () => {
  const ports = [port('prometheus', 9090), port('prometheus'), port('headless', 1), port('absent', 2)]
  const [forward, ...others] = await presetForwards(kube, [{ namespace: 'monitoring', ports }], [node], signal)
  expect(others).toEqual([])
  expect(forward).toMatchObject({ name: 'prometheus-ui', local: 9090, remote: 9090 })
  expect(forward?.target()).toEqual({
    namespace: 'monitoring',
    name: 'prometheus',
    ip: '10.96.0.9',
    nodeContainer: 'todo-control-plane',
  })
})

test('there is no forward when the nodes are on other machines', async () => {
  const presets = [{ namespace: 'monitoring', ports: [port('prometheus', 9090)] }]
  expect(await presetForwards(kube, presets, [{ ...node, container: undefined }], signal)).toEqual([])
})
