import { expect, test } from 'vitest'
import { parseConfig } from '../../../src/config/parse.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import type { ConfigInput } from '../../../src/config/schema.ts'
import { driftOf } from '../../../src/init/drift.ts'

function loaded(written: ConfigInput) {
  const { config } = parseConfig(written)
  if (config === undefined) throw new Error('the configuration is wrong')
  return resolveConfig(config, '/shop/platform.config.ts', '/shop', {})
}
const proposed: ConfigInput = {
  name: 'shop',
  presets: ['ingress'],
  deploy: { manifests: ['k8s', 'more'], helm: [{ name: 'db', chart: 'charts/db' }] },
  services: { web: { build: { context: 'web' } }, api: { build: { context: '.', dockerfile: 'api/Dockerfile' } } },
  secrets: { keys: { fromEnvFile: '.env' } },
}
const drift = (written: ConfigInput) =>
  driftOf(loaded(written), { config: proposed, notes: [], remarks: [], reasons: {} })

test('a configuration that uses everything has no drift, whatever else it says', () => {
  expect(
    drift({ ...proposed, deploy: { ...proposed.deploy, manifests: ['k8s/web.yaml', 'more'] }, timeout: '5m' }),
  ).toEqual([])
})

test('what the repository has and the configuration does not use is said', () => {
  expect(
    drift({ name: 'shop', deploy: { manifests: 'k8s' }, services: { site: { build: { context: 'web' } } } }),
  ).toEqual([
    'api/Dockerfile builds the image of api, but no service has it under build.',
    'more is not deployed.',
    'charts/db is not deployed.',
    'The manifests need the preset ingress.',
    'The Secret keys can come from the .env file, but is not under secrets.',
  ])
})
