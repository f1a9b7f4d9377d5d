import { expect, test } from 'vitest'
import { hostsText, namedServices, serviceVariables } from '../../../src/swap/names.ts'
import { service } from './support.ts'

const services = [
  service({ ports: [{ port: 80 }, { port: 53, protocol: 'UDP' }, { port: 9000 }] }),
  service({ clusterIP: '10.96.0.9', ports: [{ port: 5432 }] }, { name: 'big-db', namespace: 'data' }),
  service({ clusterIP: 'None', ports: [{ port: 6379, targetPort: 7000 }] }, { name: 'peers' }),
  service({ type: 'ExternalName', clusterIP: undefined }, { name: 'outside' }),
  service({ clusterIP: 'fd00::1' }, { name: 'six' }),
  service({ ports: [{ port: 53, protocol: 'UDP' }] }, { name: 'dns' }),
]
const named = namedServices(services, 'shop', [70, 5])

test('each Service has an address of its own, and the names that a pod has for it', () => {
  expect(named).toEqual([
    {
      ...{ namespace: 'shop', name: 'api', address: '127.70.5.1', ports: [80, 9000], clusterIP: '10.96.0.7' },
      names: ['api', 'api.shop', 'api.shop.svc', 'api.shop.svc.cluster.local'],
    },
    {
      ...{ namespace: 'data', name: 'big-db', address: '127.70.5.2', ports: [5432], clusterIP: '10.96.0.9' },
      names: ['big-db.data', 'big-db.data.svc', 'big-db.data.svc.cluster.local'],
    },
    {
      ...{ namespace: 'shop', name: 'peers', address: '127.70.5.3', ports: [7000], clusterIP: undefined },
      names: ['peers', 'peers.shop', 'peers.shop.svc', 'peers.shop.svc.cluster.local'],
    },
  ])
})

test('an address more than a network has is not given away', () => {
  const many = Array.from({ length: 300 }, (_, i) => service({}, { name: `s${i}` }))
  expect(namedServices(many, 'shop', [70, 5]).at(-1)?.address).toBe('127.70.5.254')
})

test('the names come before those of this machine, which stay', () => {
  expect(hostsText('127.0.0.1 localhost\n', named.slice(1, 2))).toBe(
    [
      '# Services of the cluster, for a program of devk swap',
      '127.70.5.2 big-db.data big-db.data.svc big-db.data.svc.cluster.local',
      '127.0.0.1 localhost',
      '',
    ].join('\n'),
  )
})

test('variables of Services are those of their own namespace', () => {
  expect(serviceVariables(named, 'shop')).toEqual({ API_SERVICE_HOST: '127.70.5.1', API_SERVICE_PORT: '80' })
  expect(serviceVariables(named, 'data')).toEqual({ BIG_DB_SERVICE_HOST: '127.70.5.2', BIG_DB_SERVICE_PORT: '5432' })
})
