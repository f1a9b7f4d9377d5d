import { expect, test } from 'vitest'
import type { ContainerInfo } from '../../../../src/engine/api.ts'
import { guardSpec, lacksGuard } from '../../../../src/images/registry/guard.ts'
import { engineLabels } from '../../../../src/lib/keys.ts'

const program = async () => Buffer.from('agent')
const none = async () => undefined
const registry = (labels: Record<string, string>) => ({ labels }) as unknown as ContainerInfo

test('the registry listens behind its guard, which knows the hosts of this machine and of the nodes', async () => {
  const spec = await guardSpec('devk-registry', program)
  const [path = '', mode, listens, server, hosts, ...command] = spec?.entrypoint ?? []
  expect([mode, listens, hosts]).toEqual(['guard', ':5000', 'localhost,127.0.0.1,devk-registry'])
  expect(command.slice(0, 2)).toEqual(['registry', 'serve'])
  expect(spec?.env).toEqual({ REGISTRY_HTTP_ADDR: server })
  expect(spec?.programs).toEqual({ [path]: Buffer.from('agent') })
})

test('a registry without a guard is replaced if there is one, and a guarded one is not', async () => {
  const labels = (await guardSpec('devk-registry', program))?.labels ?? {}
  const old = registry({ [engineLabels.registry]: 'true' })
  expect([await lacksGuard(old, program), await lacksGuard(registry(labels), program)]).toEqual([true, false])
  expect([await lacksGuard(old, none), await lacksGuard(old, undefined)]).toEqual([false, false])
  expect([await guardSpec('devk-registry', none), await guardSpec('devk-registry', undefined)]).toEqual([
    undefined,
    undefined,
  ])
})
