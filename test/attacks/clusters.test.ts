/** A repository that leads devk to a cluster, and through the cluster's login to a program. */
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { type Hostile, hostileRepository } from './support/hostile.ts'

const config = ['--config', 'data/platform.config.yaml']

/** A kubeconfig in the repository whose login is a program of the attacker. */
async function withPlugin(hostile: Hostile, cluster: string, context = 'dev'): Promise<void> {
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'sh',
    args: ['-c', hostile.command],
    interactiveMode: 'Never',
  }
  await hostile.write({
    'data/kubeconfig': stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': context,
      contexts: [{ name: context, context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: `http://${hostile.server}` } }],
      users: [{ name: 'u', user: { exec } }],
    }),
    'data/platform.config.yaml': `name: it\ncluster: { provider: existing, kubeconfig: kubeconfig, ${cluster} }\n`,
  })
}

test.each([['plan'], ['config'], ['doctor'], ['status'], ['logs'], ['down']])(
  'the login of a kubeconfig in the repository is not run unasked: devk %s',
  async (...args) => {
    const hostile = await hostileRepository()
    await withPlugin(hostile, 'context: dev, namespace: mine')
    const { exitCode } = await hostile.run(...args, ...config)
    expect([await hostile.marks(), hostile.connections()]).toEqual([[], 0])
    expect(exitCode).not.toBe(70)
  },
)

test.each(['allowProduction: prod', 'allowContext: prod', 'production: true'])(
  'a configuration cannot agree to production for the user: %s',
  async (line) => {
    const hostile = await hostileRepository()
    await withPlugin(hostile, `context: prod, namespace: mine, ${line}`, 'prod')
    const { exitCode, stderr } = await hostile.run('plan', ...config)
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(line.split(':')[0] ?? '')])
    expect([await hostile.marks(), hostile.connections()]).toEqual([[], 0])
  },
)
