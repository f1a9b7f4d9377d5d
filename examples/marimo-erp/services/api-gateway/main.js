import { Refusal, serve } from '../shared/http.js'
import { watchSettings } from './settings.js'

const { AUTH_URL, USERS_URL, CONSUL_URL } = process.env
const upstreams = { auth: AUTH_URL, users: USERS_URL }

// What operators change while it runs, with no new release: kept in Consul.
const settings = watchSettings(CONSUL_URL, 'marimo/maintenance')

async function forward({ method, params: [service, path], headers, body }) {
  const reason = settings.value()
  if (reason) throw new Refusal(503, `closed for maintenance: ${reason}`)
  const upstream = upstreams[service]
  if (upstream === undefined) throw new Refusal(404, `there is no service ${service}`)
  const response = await fetch(`${upstream}${path}`, {
    method,
    headers: headers.authorization === undefined ? {} : { authorization: headers.authorization },
    signal: AbortSignal.timeout(10_000),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error) => {
    throw new Refusal(502, `${service} does not answer: ${error.cause?.message ?? error.message}`)
  })
  return [response.status, await response.json()]
}

serve({
  name: 'api-gateway',
  routes: [['*', /^\/api\/([a-z]+)(\/.*)$/, forward]],
  close: async () => settings.stop(),
})
