import type { IncomingMessage, ServerResponse } from 'node:http'
import { isTraceId } from '../../telemetry/traces.ts'
import { type Answer, sendJson } from '../../ui/server.ts'
import type { Telemetry } from './telemetry.ts'

/** The minutes that a dashboard shows if the question does not say, and at most: a day, as long as metrics are kept. */
const minutes = { usual: 30, most: 1440 }
/** The most characters of a name in a question. */
const longestName = 500

/** The part of the API that reads from the presets jaeger and prometheus. By path. */
export function telemetryRoutes(telemetry: Telemetry): Readonly<Record<string, Answer>> {
  return {
    '/api/v1/traces': async (request, response) => {
      const query = queryOf(request)
      const failed = query.get('failed') === 'true'
      sendJson(response, await telemetry.traces({ service: query.get('service') ?? '', failed }))
    },
    '/api/v1/trace': async (request, response) => {
      const id = queryOf(request).get('id') ?? ''
      if (!isTraceId(id)) return refuse(response, 'The ID of a trace has 1 to 32 hexadecimal digits.')
      sendJson(response, await telemetry.trace(id))
    },
    '/api/v1/dashboards': (_request, response) => sendJson(response, telemetry.dashboards()),
    '/api/v1/dashboard': async (request, response) => {
      const query = queryOf(request)
      const wanted = minutesOf(query)
      if (wanted === undefined) return refuse(response, wrongMinutes)
      sendJson(response, await telemetry.dashboard(query.get('uid') ?? '', wanted))
    },
    '/api/v1/metric-names': async (request, response) => {
      const service = nameOf(queryOf(request), 'service')
      if (service === undefined) return refuse(response, wrongName)
      sendJson(response, await telemetry.metrics(service))
    },
    '/api/v1/metric': async (request, response) => {
      const query = queryOf(request)
      const wanted = minutesOf(query)
      if (wanted === undefined) return refuse(response, wrongMinutes)
      const [service, name, by] = ['service', 'name', 'by'].map((key) => nameOf(query, key))
      if (service === undefined || !name || by === undefined) return refuse(response, wrongName)
      sendJson(response, await telemetry.metric({ service, name, by, minutes: wanted }))
    },
    '/api/v1/rates': async (_request, response) => sendJson(response, await telemetry.rates()),
  }
}

const wrongMinutes = `minutes is a whole number from 1 to ${minutes.most}.`
const wrongName = `name is needed, and a name has at most ${longestName} characters.`

/** Undefined if they are wrong. */
function minutesOf(query: URLSearchParams): number | undefined {
  const wanted = Number(query.get('minutes') ?? minutes.usual)
  return Number.isInteger(wanted) && wanted >= 1 && wanted <= minutes.most ? wanted : undefined
}

/** Empty without one; undefined if it is too long. */
function nameOf(query: URLSearchParams, key: string): string | undefined {
  const name = query.get(key) ?? ''
  return name.length > longestName ? undefined : name
}

function queryOf({ url }: IncomingMessage): URLSearchParams {
  return new URLSearchParams((url ?? '').split('?', 2)[1] ?? '')
}

function refuse(response: ServerResponse, text: string): void {
  response.writeHead(400, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}
