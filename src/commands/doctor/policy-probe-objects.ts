import type { KubeObject } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'

/** The namespace of the test. It is deleted at the end. */
export const probeNamespace = 'devk-doctor'
/** The port on which both pods answer DNS queries over TCP. */
export const probePort = 1053

/** The namespace as a reference. */
export const probeRef = { apiVersion: 'v1', kind: 'Namespace', name: probeNamespace } as const

/** The namespace object. Pure. */
export function probeSpace(): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: probeNamespace, labels: ours } }
}

/** Whether a namespace with this name was created by this test, for example by one that was killed. Pure. */
export function isProbeSpace({ metadata }: KubeObject): boolean {
  return metadata.labels?.[labels.managedBy] === 'devk-doctor'
}

/** CoreDNS configuration (Corefile) of the server: it answers each query itself. */
export const serverSettings = `.:${probePort} {
  template IN A {
    answer "{{ .Name }} 0 IN A 127.0.0.1"
  }
}
`

/**
 * Corefile of the client: it forwards each query to the server over a new connection, since a policy does not end a
 * connection that is already open. Pure.
 */
export function clientSettings(server: string): string {
  return `.:${probePort} {
  forward . ${server}:${probePort} {
    force_tcp
    expire 10ms
  }
}
`
}

/** What the two pods differ in. */
export interface ProbePod {
  readonly name: string
  /** The CoreDNS image of the cluster. */
  readonly image: string
  /** A node that has the image. */
  readonly node: string
  /** Its Corefile. */
  readonly settings: string
}

/**
 * A pod that runs CoreDNS, and the ConfigMap with its Corefile. It meets the restricted Pod Security Standard. Pure.
 */
export function probePod({ name, image, node, settings }: ProbePod): readonly KubeObject[] {
  const metadata = { name, namespace: probeNamespace, labels: { ...ours, role: name } }
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: settings } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: {
        // Bypasses the scheduler: taints and a lack of resources do not matter for this test.
        nodeName: node,
        terminationGracePeriodSeconds: 0,
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'coredns',
            image,
            imagePullPolicy: 'IfNotPresent',
            args: ['-conf', '/etc/coredns/Corefile'],
            resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '100m', memory: '64Mi' } },
            securityContext: {
              allowPrivilegeEscalation: false,
              capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
            },
            volumeMounts: [{ name: 'settings', mountPath: '/etc/coredns' }],
          },
        ],
        volumes: [{ name: 'settings', configMap: { name } }],
      },
    },
  ]
}

/** A NetworkPolicy that denies all ingress to the server. Pure. */
export function denial(): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny', namespace: probeNamespace, labels: ours },
    spec: { podSelector: { matchLabels: { role: 'server' } }, policyTypes: ['Ingress'] },
  }
}

const ours = { [labels.managedBy]: 'devk-doctor' }
