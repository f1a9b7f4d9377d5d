import { expect, test } from 'vitest'
import { readCapabilities } from '../../../../src/kube/client/capabilities.ts'
import type { Http } from '../../../../src/kube/client/http.ts'

const answers: Readonly<Record<string, object>> = {
  '/version': { gitVersion: 'v1.33.1' },
  '/apis': {
    groups: [
      { versions: [{ groupVersion: 'apps/v1' }] },
      { versions: [{ groupVersion: 'example.com/v1' }, { groupVersion: 'example.com/v1beta1' }] },
      { versions: [{ groupVersion: 'metrics.k8s.io/v1beta1' }] },
    ],
  },
  '/api/v1': { resources: [{ kind: 'Pod' }, { kind: 'Pod' }, { kind: 'Secret' }] },
  '/apis/apps/v1': { resources: [{ kind: 'Deployment' }] },
  '/apis/example.com/v1': { resources: [{ kind: 'Thing' }] },
  '/apis/example.com/v1beta1': { resources: [{ kind: 'Thing' }] },
}

function http(failing: number): Http {
  return {
    request: async ({ path }) =>
      answers[path] === undefined ? { status: failing, body: {} } : { status: 200, body: answers[path] },
  } as Http
}

test('every version of every group is listed, with its kinds; also those of a group whose server is down', async () => {
  expect(await readCapabilities(http(503), AbortSignal.timeout(1000))).toEqual({
    kubeVersion: 'v1.33.1',
    apiVersions: [
      ...['v1', 'v1/Pod', 'v1/Secret', 'apps/v1', 'apps/v1/Deployment', 'example.com/v1', 'example.com/v1/Thing'],
      ...['example.com/v1beta1', 'example.com/v1beta1/Thing', 'metrics.k8s.io/v1beta1'],
    ],
  })
})

test('a refusal is an error', async () => {
  await expect(readCapabilities(http(403), AbortSignal.timeout(1000))).rejects.toMatchObject({ code: 'KUBE_API' })
})
