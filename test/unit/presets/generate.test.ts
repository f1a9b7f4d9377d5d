import { expect, test } from 'vitest'
import { generate } from '../../../src/presets/generate.ts'

const input = { project: 'shop', services: ['web'], presets: new Set(['grafana']), objects: [] }

test('the objects that a preset generates are in its namespace', () => {
  const preset = { name: 'grafana', namespace: 'monitoring', generate: ['service-dashboards' as const] }
  const { objects } = generate(preset, input)
  expect(objects.map(({ object, origin }) => [object.metadata, origin.file])).toEqual([
    [{ name: 'grafana-dashboards-0', namespace: 'monitoring' }, 'grafana/preset.yaml'],
  ])
})

test('a preset without generate gets no objects', () => {
  expect(generate({ name: 'jaeger', namespace: 'monitoring', generate: [] }, input)).toEqual({
    objects: [],
    warnings: [],
  })
})
