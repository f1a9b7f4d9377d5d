import { expect, test } from 'vitest'
import { helmFact } from '../../../src/host/helm-check.ts'
import { fakeRunner } from '../../fakes/runner.ts'

test.each([
  ['v3.19.0+g3d8990f', '3.19.0'],
  ['Client: v2.17.0+ga690bad', '2.17.0'],
  ['v4.0.0-rc.1+g12', '4.0.0-rc.1'],
  ['no version', undefined],
  [127, undefined],
])('helm answers %j: version %j', async (answer, version) => {
  const runner = fakeRunner({ 'helm version --short --client': answer })
  const { signal } = new AbortController()
  expect(await helmFact(runner, 'the release web', signal)).toEqual({ neededBy: 'the release web', version })
})
