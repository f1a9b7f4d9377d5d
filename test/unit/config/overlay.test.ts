import { expect, test } from 'vitest'
import type { Disk } from '../../../src/config/context.ts'
import { withOverlay } from '../../../src/config/overlay.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { configSchema } from '../../../src/config/schema.ts'

const folders = ['dev', 'staging', 'production'].map((name) => `/p/k8s/overlays/${name}`)
const disk: Disk = {
  kind: (path) => (folders.some((folder) => path === `${folder}/kustomization.yaml`) ? 'file' : undefined),
  read: () => '',
  list: (folder) => (folder === '/p/k8s/overlays' ? ['dev', 'staging', 'production', 'README.md'] : []),
  matches: () => false,
}
const pick = (overlay: string | undefined, deploy: object = { kustomize: 'k8s/overlays/dev' }) =>
  withOverlay(resolveConfig(configSchema.parse({ name: 'shop', deploy }), '/p/platform.config.ts', '/p'), overlay, disk)

test('without a name the configuration stays as it is', () => {
  expect(pick(undefined)).toMatchObject({ overlay: undefined, deploy: { kustomize: ['/p/k8s/overlays/dev'] } })
})

test('an overlay is the neighbour of that name', () => {
  expect(pick('production')).toMatchObject({
    overlay: 'production',
    deploy: { kustomize: ['/p/k8s/overlays/production'] },
  })
})

test('a declared one comes first', () => {
  const deploy = { kustomize: 'k8s/overlays/dev', overlays: { production: ['a', '/b'] } }
  expect(pick('production', deploy).deploy.kustomize).toEqual(['/p/a', '/b'])
})

test('an unknown one is named with the nearest, or with all there are', () => {
  expect(() => pick('prodution')).toThrow(
    expect.objectContaining({
      code: 'USAGE',
      hint: 'Did you mean "production"?',
      details: ['There is no kustomization in k8s/overlays/prodution.', 'Nothing was changed.'],
    }),
  )
  expect(() => pick('qa')).toThrow(expect.objectContaining({ hint: 'There are dev, production, staging.' }))
  expect(() => pick('qa', {})).toThrow(expect.objectContaining({ hint: expect.stringContaining('deploy.overlays') }))
})
