import { portPair } from '../../config/ports.ts'
import type { External } from '../../config/schema.ts'
import type { KubeObject } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import { secretObject } from './secrets.ts'

/** What the objects of an external are made from, besides its configuration. */
export interface ExternalInput {
  readonly project: string
  /** The project's namespace, which contains the ExternalName Service. */
  readonly namespace: string
  readonly image: string
  readonly values: Readonly<Record<string, string>> | undefined
}

/** The namespace for what runs outside the cluster in production: `todo-externals`. */
export function externalsNamespace(project: string): string {
  return `${project}-externals`
}

/**
 * The objects of an external: its workload, Service and Secret in the externals' namespace, and, as in production, an
 * ExternalName Service in the project's namespace. The namespaces are not included. Pure.
 */
export function externalObjects(name: string, external: External, input: ExternalInput): KubeObject[] {
  const { project, values } = input
  const namespace = externalsNamespace(project)
  const own = { [labels.project]: project, [labels.external]: name }
  const meta = { name, namespace, labels: own }
  const alias = { name: external.service ?? name, namespace: input.namespace, labels: own }
  const ports = [{ port: external.port, targetPort: external.port }]
  const secret = values === undefined ? [] : [secretObject(name, namespace, project, values)]
  return [
    ...secret.map((object) => ({ ...object, metadata: { ...object.metadata, labels: own } })),
    { apiVersion: 'v1', kind: 'Service', metadata: meta, spec: { selector: { [labels.external]: name }, ports } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: alias,
      spec: { type: 'ExternalName', externalName: `${name}.${namespace}.svc.cluster.local` },
    },
    workload(name, external, input, meta),
  ]
}

function workload(name: string, external: External, input: ExternalInput, meta: KubeObject['metadata']): KubeObject {
  const { volume } = external
  const container = {
    name,
    image: input.image,
    imagePullPolicy: 'IfNotPresent',
    ports: [{ containerPort: external.port }],
    ...(external.command === undefined ? {} : { command: external.command }),
    ...(external.args === undefined ? {} : { args: external.args }),
    env: Object.entries(external.env).map(([key, value]) => ({ name: key, value })),
    ...(input.values === undefined ? {} : { envFrom: [{ secretRef: { name } }] }),
    readinessProbe: { tcpSocket: { port: external.port }, periodSeconds: 1, failureThreshold: 3 },
    ...(volume === undefined ? {} : { volumeMounts: [{ name: 'data', mountPath: volume }] }),
  }
  const common = {
    replicas: 1,
    selector: { matchLabels: { [labels.external]: name } },
    template: {
      metadata: { labels: meta.labels },
      // Kubernetes sets variables such as POSTGRES_PORT=tcp://… for each Service, which some images read as settings.
      spec: { enableServiceLinks: false, containers: [container] },
    },
  }
  if (volume === undefined) {
    // A rolling update would run two instances of a database at once.
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: meta,
      spec: { ...common, strategy: { type: 'Recreate' } },
    }
  }
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  const volumeClaimTemplates = [{ metadata: { name: 'data', labels: meta.labels }, spec: claim }]
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: meta,
    spec: { ...common, serviceName: name, volumeClaimTemplates },
  }
}

/** The ports of an external's forward to this machine; undefined if it has none. Pure. */
export function externalForward(external: External): { local: number; remote: number } | undefined {
  if (external.forward === undefined) return undefined
  const { local } = portPair(external.forward)
  return { local, remote: String(external.forward).includes(':') ? portPair(external.forward).remote : external.port }
}
