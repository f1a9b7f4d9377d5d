import { expect, test } from 'vitest'
import type { Apply } from '../../../src/stack/plan.ts'
import { validate } from '../../../src/stack/validate.ts'
import { fakeKube } from '../../fakes/kube.ts'

const job = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'migrate', namespace: 'shop' },
  spec: { template: { spec: { containers: [{ name: 'm', image: 'm:2' }] } } },
}
const wanted = { object: job, origin: { file: 'jobs.yml', line: 2 }, unit: 'migrate' }
const check = async (write: Apply) => {
  const kube = fakeKube()
  await validate([write], { ours: [], others: new Map() }, { kube, signal: new AbortController().signal })
  return kube.writes
}

test('a replacement is checked under another name, because the server would refuse it as a change', async () => {
  const replace = await check({ do: 'replace', wanted, uid: 'u', why: 'a Job cannot be changed' })
  expect(replace).toEqual(['dry-run Job shop/migrate-devk-check'])
})

test('every other object is checked under its own name', async () => {
  expect(await check({ do: 'update', wanted })).toEqual(['dry-run Job shop/migrate'])
})
