import type { KubeObject } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'

/** Namespace of the probe; it is removed at the end. */
export const probeNamespace = 'devk-doctor'
export const probePort = 1053

export const probeRef = { apiVersion: 'v1', kind: 'Namespace', name: probeNamespace } as const

export function probeSpace(): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: probeNamespace, labels: ours } }
}

/** Whether a namespace is one that an earlier probe left behind. */
export function isProbeSpace({ metadata }: KubeObject): boolean {
  return metadata.labels?.[labels.managedBy] === 'devk-doctor'
}

/** Answers every question of the DNS itself. */
export const serverSettings = `.:${probePort} {
  template IN A {
    answer "{{ .Name }} 0 IN A 127.0.0.1"
  }
}
`

/** Asks the server, over a new connection each time: one that was let through once would go on. */
export function clientSettings(server: string): string {
  return `.:${probePort} {
  forward . ${server}:${probePort} {
    force_tcp
    expire 10ms
  }
}
`
}

export interface ProbePod {
  readonly name: string
  /** The cluster's own CoreDNS image, and a node that has it. */
  readonly image: string
  readonly node: string
  readonly settings: string
}

/** A pod that runs CoreDNS, with its configuration; it passes the strictest pod security. */
export function probePod({ name, image, node, settings }: ProbePod): readonly KubeObject[] {
  const metadata = { name, namespace: probeNamespace, labels: { ...ours, role: name } }
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: settings } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: {
        // Past the scheduler: neither taints nor a lack of room are what is asked here.
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

/** Lets nothing into the server. */
export function denial(): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny', namespace: probeNamespace, labels: ours },
    spec: { podSelector: { matchLabels: { role: 'server' } }, policyTypes: ['Ingress'] },
  }
}

const ours = { [labels.managedBy]: 'devk-doctor' }
