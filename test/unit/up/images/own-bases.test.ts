import { expect, test } from 'vitest'
import { serviceBuilding } from '../../../../src/up/images/own-bases.ts'

const build = {} as never
const services = {
  common: { image: 'acme/common', build },
  base: { build },
  redis: { build },
  tagged: { image: 'acme/tagged:dev', build },
  hosted: { image: 'reg.example.com/hosted', build },
  foreign: { image: 'acme/foreign' },
}

test.each([
  ['acme/common', 'common'],
  ['acme/common:1.0', 'common'],
  ['reg.example.com/acme/common', 'common'],
  ['base', 'base'],
  ['base:latest', 'base'],
  ['redis:8', undefined],
  ['reg.example.com/base', undefined],
  ['acme/tagged:dev', 'tagged'],
  ['acme/tagged', undefined],
  ['reg.example.com/hosted:2', 'hosted'],
  ['hosted', undefined],
  ['acme/common@sha256:00', undefined],
  ['acme/foreign', undefined],
])('the image %s of a Dockerfile is the image of %s', (image, service) => {
  expect(serviceBuilding(image, services, 'api')).toBe(service)
})

test('a service is not built from itself', () => {
  expect(serviceBuilding('base', services, 'base')).toBeUndefined()
})
