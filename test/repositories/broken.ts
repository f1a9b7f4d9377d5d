import { app, container, node, type Repository } from './repository.ts'

const web = { 'web/Dockerfile': node(), 'web/server.js': '' }
const chart = (more = '') => `apiVersion: v2\nname: web\nversion: 0.1.0\n${more}`

/** Repositories in which something fails: the rest is written, and what is open is a note. */
export const broken: readonly Repository[] = [
  {
    about: 'one file with a key twice',
    files: {
      ...web,
      'k8s/web.yaml': app('web'),
      'k8s/old.yaml': 'apiVersion: v1\nkind: X\nmetadata: { name: a }\nkind: Y\n',
    },
    deploy: { manifests: 'k8s/web.yaml' },
    services: { web: 'web/Dockerfile' },
    notes: [/^k8s\/old\.yaml:4:1: .* k8s\/old\.yaml is left out\.$/],
  },
  {
    about: 'the only file has a key twice',
    files: { ...web, 'k8s/web.yaml': container('web', 'image: web', 'tty: true', 'tty: true') },
    deploy: { manifests: 'k8s' },
    services: { web: 'web/Dockerfile' },
    notes: [/^k8s\/web\.yaml:12:11: Map keys must be unique\.$/],
  },
  {
    about: 'templates beside manifests',
    files: {
      ...web,
      'k8s/web.yaml': app('web'),
      'k8s/job.yaml': container('job', 'image: {{ image }}', 'tty: {{ tty }}'),
    },
    deploy: { manifests: 'k8s/web.yaml' },
    services: { web: 'web/Dockerfile' },
    notes: [/^k8s\/job\.yaml is a template \(\{\{ image \}\}, \{\{ tty \}\}\)/],
  },
  {
    about: 'variables for envsubst: those in a built image do not matter',
    files: {
      ...web,
      'k8s/web.yaml': app('web', `\${REGISTRY}/web:\${TAG}`).replace('name: web }', `name: web, namespace: '\${NS}' }`),
    },
    services: { web: 'web/Dockerfile' },
    notes: [/^Deployment\/web has \$\{NS\}, which devk does not fill in\.$/],
  },
  ...['env:', 'envFrom:', 'ports:', 'volumeMounts:', 'resources:', 'command:'].map(
    (field): Repository => ({
      about: `an empty ${field}`,
      files: { ...web, 'k8s/web.yaml': container('web', 'image: web', field) },
      services: { web: 'web/Dockerfile' },
    }),
  ),
  {
    about: 'an image that is a number',
    files: { ...web, 'k8s/web.yaml': container('web', 'image: 1.5') },
    deploy: { manifests: 'k8s' },
    services: {},
    notes: [/image must be a text, but is a number/, /web\/Dockerfile builds/],
  },
  {
    about: 'an empty image',
    files: { ...web, 'k8s/web.yaml': container('web', 'image:') },
    services: { web: 'Deployment/web' },
    notes: [/web\/Dockerfile builds/, /^Deployment\/web: the container web has no image\.$/],
  },
  {
    about: 'no containers',
    files: { ...web, 'k8s/web.yaml': container('web').replace(/- name: web\n/, '') },
    services: {},
    notes: [/web\/Dockerfile builds/, /^Deployment\/web has no containers\.$/],
  },
  {
    about: 'a Service, an Ingress, a Secret and a ConfigMap without content',
    files: {
      ...web,
      'k8s/web.yaml': app('web'),
      'k8s/rest.yaml': ['v1 Service', 'networking.k8s.io/v1 Ingress', 'v1 Secret', 'v1 ConfigMap']
        .map((kind) => kind.split(' '))
        .map(([version, kind]) => `apiVersion: ${version}\nkind: ${kind}\nmetadata: { name: x }\nspec:\ndata:\n`)
        .join('---\n'),
    },
    config: { presets: ['ingress'] },
    services: { web: 'web/Dockerfile' },
  },
  {
    about: 'a chart without its dependency, beside manifests of the same objects',
    files: { ...web, 'chart/Chart.yaml': chart(), 'chart/templates/web.yaml': app('web'), 'k8s/web.yaml': app('web') },
    deploy: { manifests: 'k8s' },
    services: { web: 'web/Dockerfile' },
    notes: [/^chart would deploy Deployment web too\. k8s\/web\.yaml was chosen; --chart chooses another\.$/],
  },
  {
    about: 'a chart that cannot be rendered: its templates and values tell what it runs',
    files: {
      ...web,
      'chart/Chart.yaml': chart(),
      'chart/values.yaml': 'image: { repository: ghcr.io/acme/web, tag: "1" }\n',
      'chart/values-prod.yaml': '',
      'chart/values-dev.yaml': '',
      'chart/templates/web.yaml': `{{- if .Values.on }}\n${app('"{{ .Release.Name }}"', '"{{ .Values.image.repository }}:{{ .Values.image.tag }}"').replaceAll('app: "{{ .Release.Name }}"', 'app: web')}{{- end }}\n`,
    },
    deploy: { helm: [{ name: 'web', chart: 'chart', values: ['chart/values-dev.yaml'] }] },
    services: { web: 'web/Dockerfile' },
    notes: [/^Without helm, devk init has only read the templates/],
  },
  {
    about: 'a kustomization that cannot be rendered: its files tell what it runs',
    files: {
      ...web,
      'k8s/base/kustomization.yaml': 'resources: [web.yaml]\n',
      'k8s/base/web.yaml': app('web'),
      'k8s/dev/kustomization.yaml': 'resources: [../base]\n',
    },
    deploy: { kustomize: 'k8s/dev' },
    services: { web: 'web/Dockerfile' },
    notes: [/^Without a kubectl that devk can use/],
  },
  {
    about: 'a kustomization with broken YAML, beside manifests',
    files: { ...web, 'k8s/web.yaml': app('web'), 'infra/kustomization.yaml': 'resources: [\n' },
    deploy: { manifests: 'k8s' },
    services: { web: 'web/Dockerfile' },
    notes: [/infra is left out\.$/],
  },
  {
    about: 'names in other scripts',
    name: 'магазин',
    files: {
      'сервис/web/Dockerfile': node(),
      'сервис/web/сервер.js': '',
      'манифесты/веб.yaml': app('web', 'acme/web'),
    },
    deploy: { manifests: 'манифесты', namespace: 'project' },
    services: { web: 'сервис/web/Dockerfile' },
  },
]
