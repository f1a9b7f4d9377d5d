import type { ConfigInput } from '../../src/config/schema.ts'
import type { Flags } from '../../src/init/choices.ts'

/** How saves reach the service web. */
export type Live = Partial<
  Pick<NonNullable<ConfigInput['services']>[string], 'sync' | 'rebuild' | 'command' | 'args' | 'env'>
> & {
  /** Its Dockerfile, with `#stage`; default: web/Dockerfile. */
  readonly built?: string
}

/** A small repository, and what devk init has to make of it. */
export interface Repository {
  readonly about: string
  /** Texts by path. */
  readonly files: Readonly<Record<string, string>>
  /** The name of its folder; default: shop. */
  readonly name?: string
  readonly flags?: Flags
  readonly deploy?: ConfigInput['deploy']
  /** By service, the Dockerfile that builds it, with `#stage`, or the workload. */
  readonly services?: Readonly<Record<string, string>>
  /** Exactly these for the service web. */
  readonly live?: Live
  /** Other sections of the configuration. */
  readonly config?: Partial<ConfigInput>
  /** Patterns of the notes, in their order; default: none. */
  readonly notes?: readonly RegExp[]
}

/** A Deployment and its Service. */
export function app(name: string, image = name, port = 8080): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: ${name}
          image: ${image}
          ports: [{ containerPort: ${port} }]
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ port: 80, targetPort: ${port} }] }
`
}

/** A Deployment whose container has more fields; each on a line of its own. */
export function container(name: string, ...fields: readonly string[]): string {
  const lines = [`- name: ${name}`, ...fields.map((field) => `  ${field}`)]
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
${lines.map((line) => `        ${line}\n`).join('')}`
}

/** A Dockerfile for Node; `copy` is what it takes from its context. */
export function node(...copy: readonly string[]): string {
  const lines = (copy.length === 0 ? ['. .'] : copy).map((each) => `COPY ${each}\n`).join('')
  return `FROM node:24\nWORKDIR /app\n${lines}CMD ["node", "server.js"]\n`
}
