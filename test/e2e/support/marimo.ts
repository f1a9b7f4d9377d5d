import { type Example, exampleProject } from './example.ts'

/** Namespace of the production environment. */
export const namespace = 'marimo-erp'

/** Host of its Ingress. */
export const host = 'erp.localhost'

export const ada = { email: 'ada@example.com', password: 'lovelace' }

export interface MarimoPorts {
  /** Where this machine answers for the ingress; https is one above. */
  readonly web: number
  /** Where the gateway is forwarded to while devk runs. */
  readonly gateway: number
}

/** The example under another name, with an ingress that answers at ports of its own. */
export function marimoErp(project: string, { web, gateway }: MarimoPorts): Promise<Example> {
  const ports = `ports: ['${web}:80', '${web + 1}:443']`
  const changes = [
    ['18080:8080', `${gateway}:8080`],
    ["project: 'marimo-erp'", `project: '${project}'`],
    [`name: \`${namespace}-\${name}\``, `name: \`${project}-\${name}\``],
    ["cluster: { provider: 'kind', workers: 2 }", `cluster: { provider: 'kind', workers: 2, ${ports} }`],
  ] as const
  return exampleProject({ name: 'marimo-erp', project, changes })
}

/** Tells of each `host:port` of its arguments whether it takes connections, after some patience. For the images of the services. */
const reach = `
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

/** The arguments of a `kubectl run` of a restricted pod with this label `app`, of a service's image, that tries these targets. */
export function reachingPod(name: string, app: string, image: string, targets: readonly string[]): string[] {
  const closed = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } }
  const spec = {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ name, image, command: ['node', '-e', reach, ...targets], securityContext: closed }],
  }
  const overrides = `--overrides=${JSON.stringify({ apiVersion: 'v1', spec })}`
  return ['run', name, `--image=${image}`, `--labels=app=${app}`, '--restart=Never', overrides]
}
