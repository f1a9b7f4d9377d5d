import { expect, test } from 'vitest'
import type { Disk } from '../../../src/config/context.ts'
import { scaledOverlays, withOverlay } from '../../../src/config/overlay.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { configSchema } from '../../../src/config/schema.ts'

const folders = ['dev', 'staging', 'production'].map((name) => `/p/k8s/overlays/${name}`)
const disk: Disk = {
  kind: (path) => (folders.some((folder) => path === `${folder}/kustomization.yaml`) ? 'file' : undefined),
  read: () => '',
  list: (folder) => (folder === '/p/k8s/overlays' ? ['dev', 'staging', 'production', 'README.md'] : []),
  matches: () => false,
}
const configOf = (input: object) =>
  resolveConfig(configSchema.parse({ name: 'shop', ...input }), '/p/platform.config.ts', '/p')
const dev = { kustomize: 'k8s/overlays/dev' }
const pick = (overlay: string | undefined, deploy: object = dev) => withOverlay(configOf({ deploy }), overlay, disk)

test('without an overlay the configuration does not change', () => {
  expect(pick(undefined)).toMatchObject({ overlay: undefined, deploy: { kustomize: ['/p/k8s/overlays/dev'] } })
})

test('an overlay is the neighbouring folder of that name', () => {
  expect(pick('production')).toMatchObject({
    overlay: 'production',
    deploy: { kustomize: ['/p/k8s/overlays/production'] },
  })
})

test('a declared overlay wins over a folder of its name', () => {
  const deploy = { kustomize: 'k8s/overlays/dev', overlays: { production: ['a', '/b'] } }
  expect(pick('production', deploy).deploy.kustomize).toEqual(['/p/a', '/b'])
})

test('an unknown overlay is reported with the nearest name, or with all names', () => {
  expect(() => pick('prodution')).toThrow(
    expect.objectContaining({
      code: 'USAGE',
      hint: 'Did you mean "production"?',
      details: ['There is no kustomization in k8s/overlays/prodution.', 'Nothing was changed.'],
    }),
  )
  expect(() => pick('qa')).toThrow(expect.objectContaining({ hint: 'Use one of dev, production, staging.' }))
  expect(() => pick('qa', {})).toThrow(expect.objectContaining({ hint: expect.stringContaining('deploy.overlays') }))
})

test.each([
  [undefined, undefined, 2],
  ['production', undefined, 2],
  [undefined, ['staging', 'production'], undefined],
  ['staging', ['staging', 'production'], 2],
  [undefined, ['dev'], 2],
  ['production', ['dev'], undefined],
])('the overlay %s gets the scale rules for %j', (overlay, overlays, replicas) => {
  const scale = { replicas: 2, ...(overlays === undefined ? {} : { overlays }) }
  expect(withOverlay(configOf({ deploy: dev, scale }), overlay, disk).scale.replicas).toBe(replicas)
})

test('rules for an unknown overlay are refused', () => {
  const problems = (input: object) =>
    scaledOverlays({ config: configOf(input), given: () => true, disk, env: {}, presets: undefined })
  expect(problems({ deploy: dev, scale: { overlays: ['production', 'dve', 'qa'] } })).toEqual([
    { path: ['scale', 'overlays', 1], message: 'refers to "dve", which is not an overlay', fix: 'did you mean "dev"?' },
    {
      path: ['scale', 'overlays', 2],
      message: 'refers to "qa", which is not an overlay',
      fix: 'available overlays: dev, production, staging',
    },
  ])
  expect(problems({ scale: { overlays: ['qa'] } })).toMatchObject([{ fix: 'available overlays: none' }])
  expect(problems({ deploy: dev, scale: { replicas: 1 } })).toEqual([])
})
