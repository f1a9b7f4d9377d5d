import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withPodName, withVariables } from '../../../src/manifests/variables.ts'

type Env = Parameters<typeof withVariables>[0]

/** The values as the kubelet computes them: `$(NAME)` is replaced by a variable further up, or stays. */
function expanded(env: Env): Record<string, string> {
  const values: Record<string, string> = {}
  for (const { name, value = '' } of env) {
    values[name] = value.replaceAll(/\$\((\w+)\)/g, (whole, other) => values[other] ?? whole)
  }
  return values
}

test('a replaced variable keeps its place, so that those below still see it', () => {
  const env = [
    { name: 'HOST', value: 'db' },
    { name: 'URL', value: 'tcp://$(HOST)' },
  ]
  expect(withVariables(env, { HOST: 'localhost' })).toEqual([
    { name: 'HOST', value: 'localhost' },
    { name: 'URL', value: 'tcp://$(HOST)' },
  ])
})

test('a value from elsewhere is replaced as a whole', () => {
  const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'a' } } }, { name: 'B' }]
  expect(withVariables(env, { A: '1' })).toEqual([{ name: 'A', value: '1' }, { name: 'B' }])
})

test('a new variable stands in front of its first user, the others at the end in their order', () => {
  const env = [
    { name: 'POD', valueFrom: {} },
    { name: 'URL', value: '$(HOST)' },
  ]
  expect(withVariables(env, { ME: '$(POD)', HOST: 'x', LAST: '1' }).map(({ name }) => name)).toEqual([
    ...['POD', 'HOST', 'URL', 'ME', 'LAST'],
  ])
})

test('of a variable that is written twice, one remains', () => {
  const env = [
    { name: 'A', value: '1' },
    { name: 'B', value: '$(A)' },
    { name: 'A', value: '2' },
  ]
  expect(withVariables(env, { A: '3' }).filter(({ name }) => name === 'A')).toEqual([{ name: 'A', value: '3' }])
})

test('each replaced variable has its new value, and references of the manifest to variables further up still work', () => {
  const name = fc.constantFrom('A', 'B', 'C', 'D')
  const variables = fc.uniqueArray(fc.record({ name, value: fc.constantFrom('x', '$(A)', '$(B)-$(C)', '') }), {
    selector: (variable) => variable.name,
  })
  const plain = fc.dictionary(fc.constantFrom('A', 'B', 'E', 'F'), fc.constantFrom('1', '2'))
  fc.assert(
    fc.property(variables, plain, (env, added) => {
      const before = expanded(env)
      const result = withVariables(env, added)
      const after = expanded(result)
      expect(after).toMatchObject(added)
      expect(Object.keys(after).sort()).toEqual([...new Set([...env.map((v) => v.name), ...Object.keys(added)])].sort())
      for (const { name: user } of env) {
        if (user in added || before[user]?.includes('$(')) continue
        expect(after[user]).not.toContain('$(')
      }
      const order = result.map((variable) => variable.name)
      expect(order.filter((each) => env.some((variable) => variable.name === each))).toEqual(env.map((v) => v.name))
    }),
  )
})

test('a value that refers to the name of the pod gets it, once, and others stay as they are', () => {
  const user = { name: 'ID', value: 'id=$(DEVK_POD_NAME)' }
  const pod = { name: 'DEVK_POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }
  expect(withPodName([{ name: 'A', value: '1' }, user])).toEqual([pod, { name: 'A', value: '1' }, user])
  expect(withPodName([pod, user])).toEqual([pod, user])
  expect(withPodName([{ name: 'A' }])).toEqual([{ name: 'A' }])
})
