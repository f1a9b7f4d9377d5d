import { expect, test } from 'vitest'
import { selectUnits } from '../../../src/project/selection.ts'
import { configOf } from '../stack/support.ts'

const image = { image: 'x' }
const config = configOf({
  services: {
    web: { ...image, dependsOn: ['api'] },
    api: { ...image, dependsOn: [{ name: 'db', wait: false }] },
    db: image,
    mail: image,
  },
})

test('a service comes with what it depends on, however far, and waited for or not', () => {
  expect(selectUnits(config, [])).toBe(undefined)
  expect(selectUnits(config, ['web'])).toEqual(new Set(['web', 'api', 'db']))
})

test('a name that is none is told with the nearest that is', () => {
  expect(() => selectUnits(config, ['mial'])).toThrow(expect.objectContaining({ hint: 'Did you mean "mail"?' }))
})
