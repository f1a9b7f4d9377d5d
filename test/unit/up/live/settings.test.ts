import { expect, test } from 'vitest'
import { configSchema, type LoadedConfig } from '../../../../src/config/schema.ts'
import { liveSettings } from '../../../../src/up/live/settings.ts'

function config(input: object): LoadedConfig {
  const { profiles: _, ...rest } = configSchema.parse({ name: 'shop', ...input })
  return { ...rest, file: '/p/platform.config.ts', root: '/p', overlay: undefined }
}

const web = (more: object) => ({ services: { web: { image: 'web', ...more } } })

test('what a redeploy applies is new, and what devk stands on stays and is named', async () => {
  const before = config(web({ env: { COLOUR: 'red' }, ports: ['8000:80'] }))
  const after = config({
    ...web({ env: { COLOUR: 'blue' }, ports: ['8000:80', '8001:81'] }),
    cluster: { workers: 2 },
    presets: ['ingress'],
    timeout: '5m',
    locals: { vite: { command: ['vite'] } },
  })
  const settings = liveSettings({ config: before, imports: [], read: async () => after })
  expect(await settings.reread()).toEqual(['cluster', 'presets', 'timeout', 'locals'])
  const { services, cluster, presets } = settings.current()
  expect(services.web?.env).toEqual({ COLOUR: 'blue' })
  expect(services.web?.ports).toHaveLength(2)
  expect([cluster, presets]).toEqual([before.cluster, before.presets])
})

test('a change that is taken back is not named any more', async () => {
  const before = config(web({}))
  const readings = [config({ ...web({}), presets: ['ingress'] }), before]
  const settings = liveSettings({ config: before, imports: [], read: async () => readings.shift() ?? before })
  expect(await settings.reread()).toEqual(['presets'])
  expect(await settings.reread()).toEqual([])
})

test('a configuration that cannot be read changes nothing', async () => {
  const before = config(web({}))
  const settings = liveSettings({
    config: before,
    imports: [],
    async read() {
      throw new Error('line 3')
    },
  })
  await expect(settings.reread()).rejects.toThrow('line 3')
  expect(settings.current()).toBe(before)
})

test('the imports are those of the last reading, and after a failure also those that it has reached', async () => {
  const before = config(web({}))
  const readings = [['/p/ports.ts'], ['/p/names.ts']]
  const settings = liveSettings({
    config: before,
    imports: ['/p/old.ts'],
    async read(onImport) {
      for (const file of readings.shift() ?? []) onImport(file)
      if (readings.length === 1) throw new Error('/p/ports.ts does not exist')
      return before
    },
  })
  await expect(settings.reread()).rejects.toThrow('does not exist')
  expect(settings.imports()).toEqual(['/p/old.ts', '/p/ports.ts'])
  await settings.reread()
  expect(settings.imports()).toEqual(['/p/names.ts'])
})
