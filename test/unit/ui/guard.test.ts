import { expect, test } from 'vitest'
import { cookieOf, judgePage, type PageKeys } from '../../../src/ui/guard.ts'

const keys = { port: 9000, folder: 'f0'.repeat(8), token: 'right-token', session: 'right-session', action: undefined }
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

const writing = { ...keys, action: 'right-key' }
const post = {
  ...own,
  origin: 'http://127.0.0.1:9000',
  'content-type': 'application/json',
  'x-devk-key': 'right-key',
  'sec-fetch-site': 'same-origin',
}
const change = (headers: Record<string, string | undefined>, of: PageKeys = writing, method = 'POST') => {
  const given = Object.fromEntries(Object.entries({ ...post, ...headers }).filter(([, value]) => value !== undefined))
  return judgePage({ method, target: `${folder}api/v1/actions`, headers: given }, of)
}

test('a change comes from the page itself, with its key', () => {
  expect(change({})).toEqual({ kind: 'serve', path: '/api/v1/actions' })
  // A program has no origin. It has read the key with the token.
  const program = { authorization: 'Bearer right-token', cookie: undefined, origin: undefined }
  expect(change({ ...program, 'sec-fetch-site': undefined })).toEqual({ kind: 'serve', path: '/api/v1/actions' })
})

test.each<[string, Record<string, string | undefined>, number]>([
  ['without the key', { 'x-devk-key': undefined }, 403],
  ['a wrong key', { 'x-devk-key': 'wrong' }, 403],
  ['the token as key', { 'x-devk-key': 'right-token' }, 403],
  ['no origin', { origin: undefined }, 403],
  ['a page of another port', { origin: 'http://127.0.0.1:8080' }, 403],
  ['a sandboxed frame', { origin: 'null' }, 403],
  ['another site', { 'sec-fetch-site': 'cross-site' }, 403],
  [
    'a link that posts',
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    403,
  ],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ['text that looks like JSON', { 'content-type': 'text/plain' }, 415],
  ['no cookie', { cookie: undefined }, 401],
  ['only the key', { cookie: undefined, origin: undefined }, 403],
])('a change is refused: %s', (_name, headers, status) => {
  expect(change(headers)).toMatchObject({ kind: 'refuse', status })
})

const socket = (headers: Record<string, string | undefined>, of: PageKeys = writing, method = 'GET') => {
  const upgrade = { ...own, origin: post.origin, 'sec-websocket-protocol': 'devk.terminal.v1, devk-key.right-key' }
  const given = Object.entries({ ...upgrade, ...headers }).filter(([, value]) => value !== undefined)
  const target = `${folder}api/v1/shell?pod=a`
  return judgePage({ method, target, headers: Object.fromEntries(given), isSocket: true }, of)
}

test('a WebSocket comes from the page itself, with the key for changes as a protocol', () => {
  expect(socket({})).toEqual({ kind: 'serve', path: '/api/v1/shell' })
  const program = { authorization: 'Bearer right-token', cookie: undefined, origin: undefined }
  expect(socket(program)).toEqual({ kind: 'serve', path: '/api/v1/shell' })
})

test.each<[string, Record<string, string | undefined>, number]>([
  ['without a protocol', { 'sec-websocket-protocol': undefined }, 403],
  ['without the key', { 'sec-websocket-protocol': 'devk.terminal.v1' }, 403],
  ['a wrong key', { 'sec-websocket-protocol': 'devk-key.wrong' }, 403],
  ['the key as a header', { 'sec-websocket-protocol': undefined, 'x-devk-key': 'right-key' }, 403],
  ['no origin', { origin: undefined }, 403],
  ['a page of another port', { origin: 'http://127.0.0.1:8080' }, 403],
  ['a sandboxed frame', { origin: 'null' }, 403],
  ['another site', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'websocket' }, 403],
  ['another host', { host: 'attacker.example:9000' }, 403],
  ['no cookie', { cookie: undefined }, 401],
  ['a wrong token', { cookie: undefined, origin: undefined, authorization: 'Bearer wrong' }, 403],
])('a WebSocket is refused: %s', (_name, headers, status) => {
  expect(socket(headers)).toMatchObject({ kind: 'refuse', status })
})

test('a page that only reads refuses each WebSocket, and each other method', () => {
  expect(socket({ 'sec-websocket-protocol': 'devk-key.' }, keys)).toMatchObject({ status: 405 })
  expect(socket({ 'sec-websocket-protocol': 'devk-key.undefined' }, keys)).toMatchObject({ status: 405 })
  expect(socket({}, writing, 'POST')).toMatchObject({ status: 405 })
})

test('a page that only reads refuses each change, with whatever key', () => {
  expect(change({ 'x-devk-key': '' }, keys)).toMatchObject({ status: 405 })
  expect(change({ 'x-devk-key': 'undefined' }, keys)).toMatchObject({ status: 405 })
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
    expect(change({}, writing, method)).toMatchObject({ status: 405 })
})

test('a link in a terminal or an editor opens the page', () => {
  const headers = { host: '127.0.0.1:9000', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  for (const site of ['none', 'cross-site', 'same-origin'])
    expect(judge(`${folder}?token=right-token`, { ...headers, 'sec-fetch-site': site })).toEqual({ kind: 'enter' })
})

test('the cookie stays in its folder, away from scripts and from other sites', () => {
  expect(cookieOf(keys)).toBe(`devk-ui=right-session; Path=${folder}; HttpOnly; SameSite=Strict`)
})
