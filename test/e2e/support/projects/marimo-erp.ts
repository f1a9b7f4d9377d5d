import { copyExample, type ExampleProject } from './example-project.ts'

/** The namespace of the production environment. */
export const namespace = 'marimo-erp'

/** The host of the Ingress of the production environment. */
export const host = 'erp.localhost'

/** A person with an account in production. */
export const ada = { email: 'ada@example.com', password: 'lovelace' }

export interface MarimoErpPorts {
  /** Port of this machine for HTTP through the ingress; the next port is for HTTPS. */
  readonly web: number
  /** Port of this machine that `devk dev` forwards to the gateway. */
  readonly gateway: number
}

/** Copies the example under the name `project`, with ports of its own. Starts nothing. */
export function copyMarimoErp(project: string, { web, gateway }: MarimoErpPorts): Promise<ExampleProject> {
  const ports = `ports: ['${web}:80', '${web + 1}:443']`
  const changes = [
    ['18080:8080', `${gateway}:8080`],
    ["project: 'marimo-erp'", `project: '${project}'`],
    [`name: \`${namespace}-\${name}\``, `name: \`${project}-\${name}\``],
    ["cluster: { provider: 'kind', workers: 2 }", `cluster: { provider: 'kind', workers: 2, ${ports} }`],
  ] as const
  return copyExample({ name: 'marimo-erp', project, changes })
}

/** A client of the gateway on a forwarded port of this machine. */
export function gatewayClient(port: number) {
  /** Sends a request below /api; gives the status and the parsed body. */
  async function ask(method: string, path: string, options: { body?: object; token?: string } = {}) {
    const { body, token } = options
    const response = await fetch(`http://127.0.0.1:${port}/api${path}`, {
      method,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  /** Logs Ada in and gives her token. Throws when the gateway refuses. */
  async function login(): Promise<string> {
    const { status, body } = await ask('POST', '/auth/login', { body: ada })
    if (status !== 200) throw new Error(`the login gave status ${status}`)
    return String(body.token)
  }
  return { ask, login }
}

/** A Node.js program for the images of the services: prints for each `host:port` of its arguments whether it is open or closed. */
const connectionCheck = `
const connect = ([host, port]) => new Promise((done) => {
  const socket = require('net').connect({ host, port, timeout: 2000 });
  const end = (open) => () => { socket.destroy(); done(open) };
  socket.once('connect', end(true)).once('timeout', end(false)).once('error', end(false));
});
const pause = () => new Promise((done) => setTimeout(done, 1000));
(async () => {
  for (const target of process.argv.slice(1)) {
    let open = false;
    for (let i = 0; i < 5 && !open; i++) { if (i > 0) await pause(); open = await connect(target.split(':')) }
    console.log(target + (open ? ' open' : ' closed'));
  }
})()`

/**
 * The arguments of a `kubectl run` of a pod that prints which targets, each as `host:port`, it can connect to.
 * The pod has this label `app`, runs the image of a service, and meets the restricted Pod Security Standard.
 */
export function connectionCheckPod(name: string, app: string, image: string, targets: readonly string[]): string[] {
  const restricted = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } }
  const spec = {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ name, image, command: ['node', '-e', connectionCheck, ...targets], securityContext: restricted }],
  }
  const overrides = `--overrides=${JSON.stringify({ apiVersion: 'v1', spec })}`
  return ['run', name, `--image=${image}`, `--labels=app=${app}`, '--restart=Never', overrides]
}
