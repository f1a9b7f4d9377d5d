import { expect, test } from 'vitest'
import { kubeconfigValue } from '../../../src/kube/kubeconfig.ts'

test('a kubeconfig is read as JSON, as YAML, and as YAML that begins like JSON', async () => {
  const value = { apiVersion: 'v1', kind: 'Config', users: [{ name: 'ü "x"' }] }
  expect(await kubeconfigValue(JSON.stringify(value))).toEqual(value)
  expect(await kubeconfigValue('apiVersion: v1\nkind: Config\n')).toEqual({ apiVersion: 'v1', kind: 'Config' })
  expect(await kubeconfigValue('{apiVersion: v1, kind: Config}\n')).toEqual({ apiVersion: 'v1', kind: 'Config' })
  expect(await kubeconfigValue('')).toBeNull()
  await expect(kubeconfigValue('{a: [')).rejects.toThrow()
})
