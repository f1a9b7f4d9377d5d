import { expect, test } from 'vitest'
import type { LoadedConfig } from '../../../src/config/schema.ts'
import type { Preset } from '../../../src/presets/folder.ts'
import { withPresetEnv } from '../../../src/presets/service-env.ts'

const jaeger = { name: 'jaeger', serviceEnv: { OTEL_SERVICE_NAME: '{service}', OTEL_TRACES_SAMPLER: 'always_on' } }
const presets = [jaeger, { name: 'prometheus', serviceEnv: {} }] as unknown as Preset[]
const config = (presetEnv: string[], env: Record<string, string> = {}) =>
  ({ services: { web: { presetEnv, env }, other: { presetEnv: [], env: {} } } }) as unknown as LoadedConfig

test('a service gets the variables that it asks for, and another one gets none', () => {
  const { services } = withPresetEnv(config(['jaeger']), presets)
  expect(services.web?.env).toEqual({ OTEL_SERVICE_NAME: 'web', OTEL_TRACES_SAMPLER: 'always_on' })
  expect(services.other?.env).toEqual({})
})

test("the service's own variables win", () => {
  const { services } = withPresetEnv(config(['jaeger'], { OTEL_SERVICE_NAME: 'shop-web' }), presets)
  expect(services.web?.env.OTEL_SERVICE_NAME).toBe('shop-web')
})

test.each([
  ['tempo', 'services.web.presetEnv[0]: the preset "tempo" is not installed'],
  ['prometheus', 'services.web.presetEnv[0]: the preset "prometheus" provides no variables'],
])('%s is refused', (name, detail) => {
  expect(() => withPresetEnv(config([name]), presets)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', details: [detail, 'Nothing was changed.'] }),
  )
})
