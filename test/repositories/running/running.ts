/** A small repository that runs: what a user sees of it after init and up, without an edit between them. */
export interface Running {
  readonly about: string
  /** Texts by path. */
  readonly files: Readonly<Record<string, string>>
  /** Where a user of the repository expects each answer, by its URL on this machine. */
  readonly answers: Readonly<Record<string, RegExp>>
  /** Open points that are right to name; default: none. */
  readonly open?: readonly RegExp[]
  /** A change, and what the URL answers then. */
  readonly save: {
    readonly file: string
    readonly from: string
    readonly to: string
    readonly url: string
    readonly answer: RegExp
  }
}

/**
 * A server for Node without packages. It answers with `says`, and with the first bytes that each of the other servers
 * sends back, by the names of the variables with their hosts.
 */
export function nodeServer(port: number, says: string, others: Readonly<Record<string, Other>> = {}): string {
  return `const http = require('node:http')
const net = require('node:net')
const others = ${JSON.stringify(others)}
const ask = ([name, { port, hex }]) => new Promise((resolve) => {
  const socket = net.connect(port, process.env[name] || 'no-' + name, () => socket.write(Buffer.from(hex, 'hex')))
  const end = (text) => { socket.destroy(); resolve(name + '=' + text) }
  socket.setTimeout(3000, () => end('silent'))
  socket.on('data', (data) => end(data.toString('latin1').slice(0, 5).trim())).on('error', (error) => end(error.code))
})
http.createServer(async (_, response) => {
  const all = await Promise.all(Object.entries(others).map(ask))
  response.end(['${says}', ...all].join(' '))
}).listen(${port})
process.on('SIGTERM', () => process.exit())
`
}

/** A server that another one asks: what it sends, in hexadecimal digits. */
export interface Other {
  readonly port: number
  readonly hex: string
}

/** Asks PostgreSQL for TLS: it answers N. */
export const postgres: Other = { port: 5432, hex: '0000000804d2162f' }
/** PING: Redis answers +PONG. */
export const redis: Other = { port: 6379, hex: '50494e470d0a' }
/** The greeting of AMQP 0-9-1: RabbitMQ answers with a frame. */
export const rabbitmq: Other = { port: 5672, hex: '414d515000000901' }

/** A server for Python's standard library that answers with `says` and with what other URLs answer. */
export function pythonServer(port: number, says: string, others: readonly string[] = []): string {
  return `import http.server, os, signal, urllib.request

def ask(name):
    try:
        return urllib.request.urlopen(os.environ[name], timeout=3).read().decode()
    except Exception as error:
        return f'{name}={error}'

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(' '.join(['${says}', *map(ask, ${JSON.stringify(others)})]).encode())

signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
http.server.ThreadingHTTPServer(('', ${port}), Answer).serve_forever()
`
}

/** A Deployment as people write it, and its Service. */
export function workload(name: string, image: string, port: number, more: Partial<Workload> = {}): string {
  const { env = {}, type = 'ClusterIP', nodePort, servicePort = port } = more
  const lines = Object.entries(env).map(([key, value]) => `            - { name: ${key}, value: "${value}" }\n`)
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: { app: ${name} }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: ${name}
          image: ${image}
          ports: [{ containerPort: ${port} }]
${lines.length === 0 ? '' : `          env:\n${lines.join('')}`}---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec:
  type: ${type}
  selector: { app: ${name} }
  ports:
    - port: ${servicePort}
      targetPort: ${port}
${nodePort === undefined ? '' : `      nodePort: ${nodePort}\n`}`
}

interface Workload {
  readonly env: Readonly<Record<string, string>>
  readonly type: string
  readonly nodePort: number
  readonly servicePort: number
}
