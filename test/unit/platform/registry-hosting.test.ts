import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../../../src/kube/api.ts'
import { announceRegistry } from '../../../src/platform/registry-hosting.ts'

const signal = new AbortController().signal

test('the registry is described once, and again when its port changes', async () => {
  const written: KubeObject[] = []
  const kube = {
    get: async () => written.at(-1),
    apply: async (object: KubeObject) => {
      written.push(object)
      return object
    },
  }
  const at = (port: number) => ({
    container: 'devk-registry',
    port,
    host: `localhost:${port}`,
    nodeUrl: 'http://devk-registry:5000',
    login: undefined,
  })
  await announceRegistry(kube, at(5001), signal)
  await announceRegistry(kube, at(5001), signal)
  await announceRegistry(kube, at(5002), signal)
  expect(written.map(({ data }) => parse((data as Record<string, string>)['localRegistryHosting.v1'] ?? ''))).toEqual(
    [5001, 5002].map((port) => ({
      host: `localhost:${port}`,
      hostFromContainerRuntime: 'devk-registry:5000',
      hostFromClusterNetwork: 'devk-registry:5000',
      help: 'https://kind.sigs.k8s.io/docs/user/local-registry/',
    })),
  )
})
