import { expect, test } from 'vitest'
import { cookieOf, judgePage } from '../../../src/ui/guard.ts'

const keys = { port: 9000, folder: 'f0'.repeat(8), token: 'right-token', session: 'right-session' }
const folder = `/${keys.folder}/`
const cookie = 'devk-ui=right-session'
const own = { host: '127.0.0.1:9000', cookie }

const judge = (target: string, headers: Record<string, string> = own, method = 'GET') =>
  judgePage({ method, target, headers }, keys)

test('the token opens the page, and the cookie everything in its folder', () => {
  expect(judge(`${folder}?token=right-token`, { host: '127.0.0.1:9000' })).toEqual({ kind: 'enter' })
  expect(judge(folder)).toEqual({ kind: 'serve', path: '/' })
  expect(judge(`${folder}api/v1/state?x=1`)).toEqual({ kind: 'serve', path: '/api/v1/state' })
  expect(judge(folder, { ...own, host: 'localhost:9000', cookie: `a=b; ${cookie}` })).toMatchObject({ kind: 'serve' })
})

test('a program needs no cookie: it sends the token', () => {
  const headers = { host: '127.0.0.1:9000', authorization: 'Bearer right-token' }
  expect(judge('/api/v1/state', headers)).toEqual({ kind: 'serve', path: '/api/v1/state' })
  expect(judge(`${folder}api/v1/state`, headers)).toEqual({ kind: 'serve', path: '/api/v1/state' })
})

test.each<[string, string, Record<string, string>, number]>([
  ['no cookie', folder, { host: '127.0.0.1:9000' }, 401],
  ['another cookie', folder, { ...own, cookie: 'devk-ui=wrong' }, 401],
  ['the token as a cookie', folder, { ...own, cookie: 'devk-ui=right-token' }, 401],
  ['a wrong token, even with the cookie', `${folder}?token=wrong`, own, 401],
  ['an empty token', `${folder}?token=`, own, 401],
  ['a wrong bearer', '/api/v1/state', { host: '127.0.0.1:9000', authorization: 'Bearer wrong' }, 401],
  ['the session as bearer', '/api/v1/state', { host: '127.0.0.1:9000', authorization: 'Bearer right-session' }, 401],
  ['another folder', '/api/v1/state', own, 401],
  ['the token in another folder', '/?token=right-token', { host: '127.0.0.1:9000' }, 401],
  ['no host', folder, { cookie }, 403],
  ['a name that leads to loopback', folder, { ...own, host: 'attacker.example:9000' }, 403],
  ['a name below localhost', folder, { ...own, host: 'app.localhost:9000' }, 403],
  ['another port', folder, { ...own, host: '127.0.0.1:8080' }, 403],
  ['a page of another port', folder, { ...own, origin: 'http://127.0.0.1:8080' }, 403],
  ['a page over https', folder, { ...own, origin: 'https://127.0.0.1:9000' }, 403],
  ['a page without an origin', folder, { ...own, origin: 'null' }, 403],
  ['a script of the same site', folder, { ...own, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }, 403],
  ['an image of another site', folder, { ...own, 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'image' }, 403],
  [
    'a frame of another site',
    folder,
    { ...own, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    403,
  ],
])('refused: %s', (_name, target, headers, status) => {
  expect(judge(target, headers)).toMatchObject({ kind: 'refuse', status })
})

test.each(['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE'])('the page only reads: %s', (method) => {
  expect(judge(folder, own, method)).toMatchObject({ kind: 'refuse', status: 405 })
})

test('a link in a terminal or an editor opens the page', () => {
  const headers = { host: '127.0.0.1:9000', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  for (const site of ['none', 'cross-site', 'same-origin'])
    expect(judge(`${folder}?token=right-token`, { ...headers, 'sec-fetch-site': site })).toEqual({ kind: 'enter' })
})

test('the cookie stays in its folder, away from scripts and from other sites', () => {
  expect(cookieOf(keys)).toBe(`devk-ui=right-session; Path=${folder}; HttpOnly; SameSite=Strict`)
})
