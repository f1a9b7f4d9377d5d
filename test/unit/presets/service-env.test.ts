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

test('a preset that takes no metrics does not keep them from one that does, in either order', () => {
  const all = [
    {
      name: 'traces',
      serviceEnv: { OTEL_METRICS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'otlp', OTEL_LOGS_EXPORTER: 'none' },
    },
    {
      name: 'metrics',
      serviceEnv: { OTEL_METRICS_EXPORTER: 'otlp', OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    },
  ] as unknown as Preset[]
  const env = { OTEL_METRICS_EXPORTER: 'otlp', OTEL_TRACES_EXPORTER: 'otlp', OTEL_LOGS_EXPORTER: 'none' }
  for (const order of [
    ['traces', 'metrics'],
    ['metrics', 'traces'],
  ]) {
    expect(withPresetEnv(config(order), all).services.web?.env).toEqual(env)
  }
  const own = config(['metrics'], { OTEL_METRICS_EXPORTER: 'none' })
  expect(withPresetEnv(own, all).services.web?.env.OTEL_METRICS_EXPORTER).toBe('none')
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
