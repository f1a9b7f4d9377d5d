import { expect, test } from 'vitest'
import type { CliContext } from '../../../../src/context.ts'
import { imagesBeforeCluster } from '../../../../src/up/images/before-cluster.ts'

test('without a registry that has run before no image has a name yet', async () => {
  const before = { supply: undefined as never, registry: Promise.resolve(undefined) }
  const work = imagesBeforeCluster(undefined as unknown as CliContext, undefined as never, before)
  expect(await work.wanted(new AbortController().signal)).toEqual([])
})
