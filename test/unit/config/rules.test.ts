import { expect, test } from 'vitest'
import type { ConfigInput } from '../../../src/config/schema.ts'
import { check } from './rules-support.ts'

const image = { image: 'x' }

test.each<[string, Omit<ConfigInput, 'name'>, string[]]>([
  [
    'ports',
    {
      cluster: { ports: [30080, '8080:80'] },
      services: { a: { ...image, ports: ['8080:1'] } },
      externals: { db: { ...image, port: 1, forward: 30080 } },
    },
    [
      'services.a.ports[0]: uses local port 8080, which cluster.ports[1] uses too; use another local port: "18080:1"',
      'externals.db.forward: uses local port 30080, which cluster.ports[0] uses too; use another local port: "40080:30080"',
    ],
  ],
  [
    'one name of two things',
    { services: { db: image }, externals: { db: { ...image, port: 1 } } },
    [
      'externals.db: is also the name of one of the services; use different names for services, externals, jobs and locals',
    ],
  ],
  [
    'cycle',
    {
      services: { a: { ...image, dependsOn: ['b'] }, b: { ...image, dependsOn: ['c'] } },
      jobs: { c: { image: 'x', command: ['x'], dependsOn: ['a'] } },
    },
    ['jobs.c.dependsOn[0]: creates a dependency cycle: a → b → c → a; remove one of these dependencies'],
  ],
  [
    'itself',
    { services: { a: { ...image, dependsOn: ['a'] } } },
    ['services.a.dependsOn[0]: creates a dependency cycle: a → a; remove one of these dependencies'],
  ],
  [
    'diamond',
    {
      services: {
        a: { ...image, dependsOn: ['b', 'c'] },
        b: { ...image, dependsOn: ['d'] },
        c: { ...image, dependsOn: ['d'] },
        d: image,
      },
    },
    [],
  ],
  [
    'a circle in which one does not wait',
    { services: { a: { ...image, dependsOn: ['b'] }, b: { ...image, dependsOn: [{ name: 'a', wait: false }] } } },
    [],
  ],
  [
    'an unknown name that is not waited for',
    { services: { back: image, a: { ...image, dependsOn: [{ name: 'bakc', wait: false }] } } },
    ['services.a.dependsOn[0]: "bakc" is not defined; did you mean "back"?'],
  ],
  [
    'job',
    { jobs: { j: { command: ['x'] } } },
    ['jobs.j: has neither service nor image; set one of them, or local: true'],
  ],
  [
    "job's service",
    { services: { backend: image }, jobs: { j: { command: ['x'], service: 'backnd' } } },
    ['jobs.j.service: "backnd" is not a service; did you mean "backend"?'],
  ],
  ['external', { externals: { e: { port: 1 } } }, ['externals.e: has neither image nor build; set one of them']],
  [
    'url',
    { services: { a: { ...image, url: 'ftp://x' } } },
    ['services.a.url: must be an http or https URL, got "ftp://x"; an example is http://localhost:30080'],
  ],
  ['bare url', { services: { a: { ...image, url: 'todo.localhost' } } }, []],
  ['preset twice', { presets: ['a', 'a'] }, ['presets[1]: repeats "a"']],
  [
    'subnet',
    { cluster: { podSubnet: '10.0.0/16' } },
    ['cluster.podSubnet: must be an IPv4 range such as 10.244.0.0/16, got "10.0.0/16"'],
  ],
])('the problems of a configuration are found: %s', (_, config, expected) => {
  expect(check(config)).toEqual(expected)
})

test('a service with an error is not also reported as undefined', () => {
  expect(check({ services: { a: { ...image, dependsOn: ['b'] }, b: 3 as never } })).toEqual([
    'services.b: must be an object, got 3',
  ])
})
