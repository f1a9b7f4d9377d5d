import { expect, test } from 'vitest'
import { kubectlFact } from '../../../src/host/kubectl.ts'
import { fakeRunner } from '../../fakes/runner.ts'

const { signal } = new AbortController()
const client = (gitVersion: string) => JSON.stringify({ clientVersion: { gitVersion }, kustomizeVersion: 'v5.7.1' })

test.each<[string, string | number, object]>([
  ['the program of Kubernetes', client('v1.34.4'), { state: 'real', version: '1.34.4' }],
  ['a release candidate', client('v1.35.0-rc.1'), { state: 'real', version: '1.35.0-rc.1' }],
  ['a dispatcher', client('v1.32.4-dispatcher'), { state: 'wrapper', detail: 'v1.32.4-dispatcher' }],
  ['no program', 127, { state: 'absent' }],
  ['a program that does not end', 124, { state: 'wrapper', detail: 'it does not print its version' }],
  ['a program that fails', 1, { state: 'wrapper', detail: 'it exits with code 1' }],
  ['a program with another output', 'Hello', { state: 'wrapper', detail: 'it exits with code 0' }],
  ['a program that prints null', 'null', { state: 'wrapper', detail: 'it exits with code 0' }],
])('kubectl is examined: %s', async (_name, answer, expected) => {
  const runner = fakeRunner({ 'kubectl version --client --output json': answer })
  expect(await kubectlFact(runner, signal)).toEqual(expected)
})
