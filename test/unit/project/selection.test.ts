import { expect, test } from 'vitest'
import { selectUnits, withUnits } from '../../../src/project/selection.ts'
import { configOf } from '../stack/support.ts'

const image = { image: 'x' }
const config = configOf({
  services: {
    web: { ...image, dependsOn: ['api'] },
    api: { ...image, dependsOn: [{ name: 'db', wait: false }] },
    db: image,
    mail: image,
  },
  locals: { vite: { command: ['vite'], dependsOn: ['api'] } },
})

test('a selected service includes all its direct and indirect dependencies', () => {
  expect(selectUnits(config, [])).toBe(undefined)
  expect(selectUnits(config, ['web'])).toEqual(new Set(['web', 'api', 'db']))
})

test('an unknown name is reported with the nearest one', () => {
  expect(() => selectUnits(config, ['mial'])).toThrow(expect.objectContaining({ hint: 'Did you mean "mail"?' }))
})

test('a program of this machine is selected with what it depends on, and runs only then', () => {
  const only = selectUnits(config, ['vite'])
  expect(only).toEqual(new Set(['vite', 'api', 'db']))
  expect(Object.keys(withUnits(config, only).locals)).toEqual(['vite'])
  expect(withUnits(config, selectUnits(config, ['mail'])).locals).toEqual({})
})
