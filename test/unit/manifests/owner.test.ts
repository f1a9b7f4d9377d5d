import { expect, test } from 'vitest'
import { configSchema } from '../../../src/config/schema.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import { ownerProblems } from '../../../src/manifests/owner.ts'

test('finding the workloads of many services takes each pair once, not each pair for each service', () => {
  let reads = 0
  const names = Array.from({ length: 40 }, (_, i) => `app-${i}`)
  const objects = names.map((name): KubeObject => {
    const template = { spec: { containers: [{ name, image: `other/${name}` }] } }
    return {
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', spec: { template } },
      get metadata() {
        reads += 1
        return { name }
      },
    }
  })
  const services = Object.fromEntries(names.map((name) => [name, { workload: `Deployment/${name}` }]))
  expect(ownerProblems(objects, configSchema.parse({ name: 'shop', services }).services)).toEqual([])
  expect(reads).toBeLessThan(5 * names.length ** 2)
})
