import { expect, test } from 'vitest'
import { failure, folder, load, places, problems } from './support.ts'

test('a profile merges objects by key, replaces lists, and null removes a key', async () => {
  const root = folder({
    'platform.config.json': JSON.stringify({
      name: 'it',
      cluster: { workers: 2, controlPlanes: 3 },
      services: { a: { image: 'a', ports: [1, 2], replicas: 2 } },
      profiles: { small: { cluster: { workers: 0 }, services: { a: { ports: [3], replicas: null } } } },
    }),
  })
  const config = await load(root, { profile: 'small' })
  expect(config.cluster).toMatchObject({ workers: [], controlPlanes: 3, name: 'it' })
  expect(config.services.a).toMatchObject({ image: 'a', ports: [3] })
  expect(config.services.a).not.toHaveProperty('replicas')
  const error = await failure(load(root, { profile: 'smal' }))
  expect([error.code, error.hint]).toEqual(['CONFIG_INVALID', 'Did you mean "small"? Available profiles: small.'])
})

test('profiles add to lists with a key that ends with +', async () => {
  const profiles = {
    kafka: { deploy: { 'manifests+': ['kafka.yaml'] }, services: { a: { 'ports+': [2] } } },
    mail: { deploy: { 'manifests+': 'mail.yaml' }, services: { a: { 'ports+': [':1'] } } },
    only: { services: { a: { 'ports+': [4], ports: [3] } } },
    wrong: { 'services+': [] },
  }
  const root = folder({
    'platform.config.json': JSON.stringify({
      name: 'a',
      deploy: { manifests: 'base.yaml' },
      services: { a: { image: 'a', ports: [1] } },
      profiles,
    }),
    ...Object.fromEntries(['base', 'kafka', 'mail'].map((name) => [`${name}.yaml`, ''])),
  })
  const ports = async (profile: string) => (await load(root, { profile })).services.a?.ports
  expect(await ports('kafka')).toEqual([1, 2])
  expect(await ports('only,kafka')).toEqual([3, 4, 2])
  const error = await failure(load(root, { profile: 'kafka,mail' }))
  expect(problems(error)).toEqual(['services.a.ports[2]: must be "8000" or "LOCAL:REMOTE", got ":1"'])
  expect(places(error)[0]).toMatch(/^at platform.config.json:1:\d+$/)
  expect((await failure(load(root, { profile: 'wrong' }))).message).toBe(
    'platform.config.json: profiles.wrong.services+ adds to services, which is not a list',
  )
})

test('two profiles that set the same list are refused, unless they agree or the order of the list is its meaning', async () => {
  const of = (ports: number[], command: string[]) => ({ services: { a: { ports, command } } })
  const root = folder({
    'platform.config.json': JSON.stringify({
      name: 'a',
      services: { a: { image: 'a' } },
      profiles: {
        one: of([1], ['x']),
        two: of([2], ['y']),
        same: of([1], ['z']),
        new: { externals: { b: { args: [] } } },
      },
    }),
  })
  const error = await failure(load(root, { profile: 'one,two' }))
  expect([error.code, error.message]).toEqual([
    'CONFIG_INVALID',
    'platform.config.json: the profiles one and two both set services.a.ports',
  ])
  expect(error.hint).toContain('"ports+"')
  expect((await load(root, { profile: 'one,same' })).services.a).toMatchObject({ ports: [1], command: ['z'] })
})

test('several profiles are merged in their order', async () => {
  const root = folder({
    'platform.config.json': JSON.stringify({
      name: 'it',
      profiles: {
        big: { cluster: { controlPlanes: 3, workers: 5 } },
        slow: { cluster: { workers: 1 }, timeout: '30m' },
      },
    }),
  })
  const both = async (profile: string) => {
    const { cluster, timeout } = await load(root, { profile })
    return [cluster.controlPlanes, cluster.workers[0]?.count, timeout]
  }
  expect(await both('big,slow')).toEqual([3, 1, '30m'])
  expect(await both('slow, big')).toEqual([3, 5, '30m'])
  const error = await failure(load(root, { profile: 'big,slwo' }))
  expect([error.message, error.hint]).toEqual([
    'platform.config.json has no profile "slwo"',
    'Did you mean "slow"? Available profiles: big, slow.',
  ])
})
