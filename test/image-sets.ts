/** Images that `devk kit build` builds only when they are named, because they take long. */
export interface ImageSet {
  /** The tag of the docker and e2e files that need these images. */
  readonly tag: string
  readonly description: string
  readonly images: readonly string[]
  /** Whether only `npm run test:all` builds them and runs their tests. */
  readonly onDemand: boolean
}

/**
 * The image sets, in the order in which `npm test` builds them and runs their tests. An e2e file names its set with `@module-tag`
 * in its first comment; a file without a tag needs only the images that `devk kit build` always builds.
 */
export const imageSets: readonly ImageSet[] = [
  {
    tag: 'platform-images',
    description: 'Traefik, metrics-server and Minikube: about 6 minutes to build',
    images: ['traefik', 'metrics-server', 'minikube', 'kicbase'],
    onDemand: false,
  },
  {
    tag: 'observability-images',
    description:
      'Prometheus, Alertmanager, their exporters and Jaeger: about 8 minutes to build; only in npm run test:all',
    images: ['prometheus', 'alertmanager', 'kube-state-metrics', 'node-exporter', 'jaeger'],
    onDemand: true,
  },
  {
    tag: 'slow-images',
    description:
      'Consul, Argo Rollouts, cert-manager, RabbitMQ 4, a JDK and Ruby: 21 minutes to build; only in npm run test:all',
    images: [
      ...['argo-rollouts', 'rabbitmq-4', 'consul', 'cert-manager-controller', 'cert-manager-webhook', 'java-21'],
      'ruby-3.3',
    ],
    onDemand: true,
  },
  {
    tag: 'long',
    description: 'No images of its own, but minutes; only in npm run test:all',
    images: [],
    onDemand: true,
  },
]
