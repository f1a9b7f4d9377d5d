import { expect, test } from 'vitest'
import { configSchema, type LoadedConfig } from '../../../src/config/schema.ts'
import { redeployPaths, watchedServices } from '../../../src/loop/services.ts'

function config(input: object): LoadedConfig {
  const { profiles: _, ...rest } = configSchema.parse({ name: 'todo', ...input })
  return { ...rest, file: '/p/platform.config.ts', root: '/p', overlay: undefined }
}

test('lists the services that are built here, with compiled rules', async () => {
  const services = await watchedServices(
    config({
      services: {
        backend: {
          build: { context: '/p/backend' },
          sync: [{ from: '/p/backend/app', to: '/app', exclude: ['**/*.pyc'] }],
        },
        cache: { image: 'redis' },
      },
    }),
  )
  expect(services.map(({ name, dockerfile }) => [name, dockerfile])).toEqual([['backend', '/p/backend/Dockerfile']])
  const [rule] = services[0]?.sync ?? []
  expect([rule?.excludes('x/a.pyc'), rule?.excludes('x/a.py')]).toEqual([true, false])
})

test('lists the files that the objects are made from', () => {
  const paths = redeployPaths(
    config({
      deploy: { manifests: ['/p/deploy/*.yaml', '/p/one.yaml'], kustomize: '/p/k8s/overlays/dev' },
      secrets: { keys: { fromEnvFile: '/p/.env', orElse: '/p/.env.example' } },
    }),
  )
  expect(paths).toEqual(['/p/platform.config.ts', '/p/deploy', '/p/one.yaml', '/p/k8s', '/p/.env', '/p/.env.example'])
})
