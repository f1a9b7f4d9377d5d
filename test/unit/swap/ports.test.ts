import { expect, test } from 'vitest'
import { swapPorts, whyNotSwapped } from '../../../src/swap/ports.ts'
import { service } from './support.ts'

const template = { spec: { containers: [{ name: 'api', ports: [{ name: 'web', containerPort: 3000 }] }] } }
const two = service({
  ports: [
    { name: 'http', port: 80, targetPort: 'web' },
    { name: 'metrics', port: 9090 },
    { name: 'dns', port: 53, protocol: 'UDP' },
  ],
})

test('without --port, each TCP port leads to the port of the pods', () => {
  expect(swapPorts(two, template, [])).toEqual([
    { name: 'http', port: 80, target: 3000, local: 3000 },
    { name: 'metrics', port: 9090, target: 9090, local: 9090 },
  ])
})

test.each([
  [['8080'], [8080, 9090]],
  [['metrics=9100'], [3000, 9100]],
  [
    ['80=8080', '9090=9100'],
    [8080, 9100],
  ],
  [
    ['8080', 'metrics=9100'],
    [8080, 9100],
  ],
])('--port %s', (wanted, local) => {
  expect(swapPorts(two, template, wanted).map((port) => port.local)).toEqual(local)
})

test.each([
  [['0'], /"0" is no port/],
  [['65536'], /is no port/],
  [['http:80'], /is no port/],
  [['grpc=80'], /Service shop\/api has no port grpc/],
  [['dns=53'], /has no port dns/],
  [['8080', 'http=8081'], /names port http twice/],
])('--port %s is a usage error', (wanted, message) => {
  expect(() => swapPorts(two, template, wanted)).toThrow(message)
})

test.each([
  [{}, undefined],
  [{ ipFamilies: ['IPv4', 'IPv6'] }, undefined],
  [{ clusterIP: 'None' }, /headless/],
  [{ type: 'ExternalName' }, /leads to no pods/],
  [{ selector: undefined }, /leads to no pods/],
  [{ ipFamilies: ['IPv6'] }, /IPv6/],
  [{ ports: [{ port: 53, protocol: 'UDP' }] }, /no TCP port/],
])('a Service with %j can be swapped, or the reason is said', (spec, reason) => {
  if (reason === undefined) expect(whyNotSwapped(service(spec))).toBeUndefined()
  else expect(whyNotSwapped(service(spec))).toMatch(reason)
})
