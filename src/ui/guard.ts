import { createHash, timingSafeEqual } from 'node:crypto'

/** Who may use the page. */
export interface PageKeys {
  /** The port of the server. */
  readonly port: number
  /** The folder of the page in its URL; the browser sends the cookie only there. */
  readonly folder: string
  /** Opens the page: it is in the URL that the command prints. */
  readonly token: string
  /** What the browser keeps in place of the token. */
  readonly session: string
  /** What a request that changes something has to send besides, in a header; undefined: the page only reads. */
  readonly action: string | undefined
}

/** The header of `action`: no form can send it, and scripts of other origins must ask first, which is refused. */
const actionHeader = 'x-devk-key'

/**
 * The same for a WebSocket, which has no header of its own: the browser sends the protocols that the page names. The
 * key is what follows these words.
 */
const keyProtocol = 'devk-key.'

/** The parts of a request that decide about it. */
export interface PageRequest {
  readonly method: string
  /** Path and query, as the browser sends them. */
  readonly target: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Whether it asks for a WebSocket. Each one can change something. */
  readonly isSocket?: boolean
}

/** What to do with a request. */
export type Judgement =
  | { readonly kind: 'serve'; readonly path: string }
  /** The token is right: give the browser its cookie. */
  | { readonly kind: 'enter' }
  | { readonly kind: 'refuse'; readonly status: number; readonly why: string }

const cookieName = 'devk-ui'

/**
 * Judges a request to the page. It must name the loopback host and the port that the server has, so that a page whose
 * name was changed to lead to 127.0.0.1 (DNS rebinding) is refused. It must come from the page itself or from the
 * address bar: programs in containers have pages on other ports of the same host, which browsers count as the same
 * site. And it must have the cookie, or the token. One that changes something must also have a key that only the page
 * itself can read, and its browser must say that it comes from there: browsers let each page open WebSockets to each
 * address, with its cookies. Pure.
 */
export function judgePage({ method, target, headers, isSocket = false }: PageRequest, keys: PageKeys): Judgement {
  const own = [`127.0.0.1:${keys.port}`, `localhost:${keys.port}`]
  const one = (name: string) => {
    const value = headers[name]
    return Array.isArray(value) ? value.join(', ') : (value as string | undefined)
  }
  if (!own.includes(one('host')?.toLowerCase() ?? '')) return refuse(403, 'it names another host')
  const origin = one('origin')
  if (origin !== undefined && !own.includes(origin.replace(/^http:\/\//, '').toLowerCase()))
    return refuse(403, 'it comes from a page of another origin')
  const site = one('sec-fetch-site')
  const opensPage = method === 'GET' && one('sec-fetch-mode') === 'navigate' && one('sec-fetch-dest') === 'document'
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !opensPage)
    return refuse(403, 'it comes from a page of another origin')
  const bearer = /^Bearer (\S+)$/.exec(one('authorization') ?? '')?.[1]
  const isProgram = bearer !== undefined && same(bearer, keys.token)
  if (method !== 'GET' || isSocket) {
    if (method !== (isSocket ? 'GET' : 'POST') || keys.action === undefined) return refuse(405, 'this page only reads')
    if (!isSocket && one('content-type') !== 'application/json') return refuse(415, 'it is not JSON')
    if (origin === undefined && !isProgram) return refuse(403, 'it does not say where it comes from')
    const key = isSocket ? keyIn(one('sec-websocket-protocol')) : one(actionHeader)
    if (!same(key ?? '', keys.action)) return refuse(403, 'it lacks the key for changes')
  }
  const [path = '/', query = ''] = target.split('?', 2)
  const inFolder = path.startsWith(`/${keys.folder}/`)
  const token = new URLSearchParams(query).get('token')
  if (inFolder && token !== null && method === 'GET')
    return same(token, keys.token) ? { kind: 'enter' } : refuse(401, 'its token is wrong')
  if (isProgram) return { kind: 'serve', path: inFolder ? path.slice(keys.folder.length + 1) : path }
  const sessions = (one('cookie') ?? '').split(/;\s*/).filter((each) => each.startsWith(`${cookieName}=`))
  const known = sessions.some((each) => same(each.slice(cookieName.length + 1), keys.session))
  if (!inFolder || !known) return refuse(401, 'open the URL that devk ui has printed')
  return { kind: 'serve', path: path.slice(keys.folder.length + 1) }
}

/** The cookie of the page, for the header Set-Cookie. */
export function cookieOf({ folder, session }: Pick<PageKeys, 'folder' | 'session'>): string {
  return `${cookieName}=${session}; Path=/${folder}/; HttpOnly; SameSite=Strict`
}

function keyIn(protocols = ''): string | undefined {
  const named = protocols.split(/\s*,\s*/).find((each) => each.startsWith(keyProtocol))
  return named?.slice(keyProtocol.length)
}

function refuse(status: number, why: string): Judgement {
  return { kind: 'refuse', status, why }
}

/** Compares two secrets in a time that does not depend on where they differ. */
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
