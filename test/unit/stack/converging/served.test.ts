import { expect, test } from 'vitest'
import type { KindRef } from '../../../../src/kube/api.ts'
import { untilServed } from '../../../../src/stack/converging/served.ts'
import { fakeKube } from '../../../fakes/kube.ts'

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.example.com' },
  spec: {
    group: 'example.com',
    names: { kind: 'Thing', plural: 'things' },
    versions: [
      { name: 'v1', served: true },
      { name: 'v1alpha1', served: false },
    ],
  },
}
const thing = (version: string) => ({
  apiVersion: `example.com/${version}`,
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'shop' },
})

/** An API server that serves a kind only when it is asked for the third time. */
function slowServer() {
  const asked: string[] = []
  const kube = {
    ...fakeKube(),
    async namespaced({ apiVersion, kind }: KindRef) {
      asked.push(`${apiVersion} ${kind}`)
      return asked.length < 3 ? undefined : true
    },
  }
  return { asked, deps: { kube, patienceMs: 5000, signal: new AbortController().signal } }
}

test('a kind is waited for until the server serves it, although its definition is established', async () => {
  const { asked, deps } = slowServer()
  await untilServed([thing('v1')], [definition], deps)
  expect(asked).toEqual(['example.com/v1 Thing', 'example.com/v1 Thing', 'example.com/v1 Thing'])
})

test('a version that its definition does not serve, and a kind without a definition here, are not waited for', async () => {
  const { asked, deps } = slowServer()
  await untilServed([thing('v1alpha1'), thing('v2')], [definition], deps)
  await untilServed([thing('v1')], [], deps)
  expect(asked).toEqual([])
})

test('the error names the kind that never appears', async () => {
  const { deps } = slowServer()
  const never = { ...deps.kube, namespaced: async () => undefined }
  await expect(untilServed([thing('v1')], [definition], { ...deps, kube: never, patienceMs: 0 })).rejects.toMatchObject(
    { code: 'NOT_READY', message: expect.stringContaining('Kind Thing of example.com/v1') },
  )
})
