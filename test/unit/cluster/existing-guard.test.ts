import { expect, test } from 'vitest'
import {
  canonicalServer,
  productionSign,
  refuseProduction,
  requireKnownServer,
  requireKnownUid,
} from '../../../src/cluster/existing-guard.ts'

const facts = { context: 'shared', cluster: 'shared', server: 'https://10.0.0.1:6443', access: 'the user dev' }
const known = { server: facts.server, uid: 'uid-1', access: facts.access, since: '2026-01-01T00:00:00Z' }

test.each([
  [{ context: 'eu-prod-1' }, 'prod'],
  [{ context: 'arn:aws:eks:eu-west-1:1234:cluster/Production' }, 'production'],
  [{ context: 'shop_live' }, 'live'],
  [{ cluster: 'gke_shop_europe_prd2' }, 'prd2'],
  [{ server: 'https://api.prod.example.com' }, 'prod'],
  [{ server: canonicalServer('https://api.pr\tod.example.com') }, 'prod'],
  [{ server: canonicalServer('https://api.ｐｒｏｄ.example.com') }, 'prod'],
  [{ context: 'shop-ｐｒｏｄ' }, 'prod'],
  [{ context: 'shop-pr\u200bod' }, 'prod'],
  [{ context: 'shop-pröd' }, 'prod'],
  [{ cluster: 'shopProd' }, 'prod'],
])('%o looks like production', (more, word) => {
  expect(productionSign({ ...facts, ...more }, [])).toContain(`contains the word "${word}"`)
  expect(() => refuseProduction({ ...facts, ...more }, [], undefined)).toThrow(/looks like production/)
})

test.each(['product-team', 'livestream', 'k3d-dev', 'delivery', 'reproduction'])(
  '%s does not look like production',
  (context) => {
    expect(productionSign({ ...facts, context }, [])).toBeUndefined()
  },
)

test.each(['shar*', '*ARED', 'https://10.0.*'])('the pattern %s of the configuration matches', (pattern) => {
  expect(productionSign(facts, [pattern])).toContain(`matches cluster.deny "${pattern}"`)
})

test('a pattern is not a regular expression', () => {
  expect(productionSign(facts, ['s.ared', 'shared|', '(shared)', 'hare'])).toBeUndefined()
})

test('only the full name of a context allows it', () => {
  const prod = { ...facts, context: 'prod' }
  expect(() => refuseProduction(prod, [], 'prod')).not.toThrow()
  expect(() => refuseProduction(prod, [], 'pro*')).toThrow()
  expect(() => refuseProduction({ ...prod, context: 'prod-2' }, [], 'prod')).toThrow()
})

test.each([
  ['the default port', 'https://api.example.com:443/'],
  ['upper case', 'HTTPS://API.example.com'],
])('%s makes no other server', (_, server) => {
  requireKnownServer({ ...facts, server: 'https://api.example.com' }, { ...known, server }, '/state')
  expect(canonicalServer(server)).toBe('https://api.example.com')
})

test('another user or login plugin is not what the user agreed to', () => {
  const other = { ...facts, access: 'the user dev, the login plugin ./login (settings 1234)' }
  expect(() => requireKnownServer(other, known, '/state')).toThrow(
    expect.objectContaining({
      code: 'CONTEXT_REFUSED',
      details: [expect.stringContaining('./login'), expect.any(String)],
    }),
  )
})

test('the server and the UID must be those that the user allowed', () => {
  requireKnownServer(facts, known, '/state')
  requireKnownUid(facts, known, 'uid-1', '/state')
  expect(() => requireKnownServer({ ...facts, server: 'https://10.0.0.2:6443' }, known, '/state')).toThrow(
    expect.objectContaining({ code: 'CONTEXT_REFUSED', hint: expect.stringContaining('/state') }),
  )
  expect(() => requireKnownUid(facts, known, 'uid-2', '/state')).toThrow(/another cluster or user/)
  expect(() => requireKnownUid(facts, known, undefined, '/state')).toThrow(/another cluster or user/)
})
