import { groupKindOf, type KubeObject } from '../kube/api.ts'
import { isRecord } from '../lib/record.ts'
import { templatePath } from './workload.ts'

/**
 * What a value must be; `texts` is a mapping of texts. Fields that no shape names may be anything: the API server
 * checks them.
 */
type Shape =
  | 'text'
  | 'number'
  | 'texts'
  | { readonly list: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> }

const mapping: Shape = { fields: {} }
const list = (item: Shape): Shape => ({ list: item })
const fields = (known: Readonly<Record<string, Shape>>): Shape => ({ fields: known })

const named = fields({ name: 'text' })
const metadata = fields({ namespace: 'text', labels: 'texts', annotations: 'texts' })
const container = fields({
  ...{ name: 'text', image: 'text', imagePullPolicy: 'text', restartPolicy: 'text' },
  env: list(
    fields({ name: 'text', value: 'text', valueFrom: fields({ secretKeyRef: named, configMapKeyRef: named }) }),
  ),
  envFrom: list(fields({ secretRef: named, configMapRef: named })),
  volumeMounts: list(fields({ name: 'text', subPath: 'text' })),
  ports: list(mapping),
  resources: fields({ requests: mapping, limits: mapping }),
})
const volumeSource = { configMap: named, secret: fields({ secretName: 'text', name: 'text' }) }
const volume = { ...volumeSource, projected: fields({ sources: list(fields(volumeSource)) }) }
const expressions = list(fields({ values: list('text') }))
const selector = fields({ matchLabels: 'texts', matchExpressions: expressions })
const nodeTerms = list(fields({ matchExpressions: expressions, matchFields: expressions }))
const podTerms = list(fields({ labelSelector: selector, namespaces: list('text') }))
const required = (terms: Shape) => fields({ requiredDuringSchedulingIgnoredDuringExecution: terms })
const affinity = fields({
  nodeAffinity: required(fields({ nodeSelectorTerms: nodeTerms })),
  podAffinity: required(podTerms),
  podAntiAffinity: required(podTerms),
})
const template = fields({
  metadata,
  spec: fields({
    ...{ containers: list(container), initContainers: list(container) },
    volumes: list(fields({ name: 'text', ...volume })),
    imagePullSecrets: list(named),
    ...{ nodeSelector: 'texts', affinity, tolerations: list(mapping), securityContext: mapping },
    topologySpreadConstraints: list(fields({ labelSelector: selector })),
    serviceAccountName: 'text',
  }),
})
const target = fields({ kind: 'text', name: 'text' })

/** Other kinds whose fields devk reads, besides the pod templates. */
const shapes: Readonly<Record<string, Shape>> = {
  'autoscaling/HorizontalPodAutoscaler': fields({
    spec: fields({ scaleTargetRef: target, minReplicas: 'number', maxReplicas: 'number' }),
  }),
  'keda.sh/ScaledObject': fields({ spec: fields({ scaleTargetRef: target }) }),
  '/Service': fields({ spec: fields({ type: 'text', ports: list(mapping), selector: 'texts' }) }),
  '/ConfigMap': fields({ data: mapping, binaryData: mapping }),
  '/Secret': fields({ data: mapping, stringData: mapping }),
}

/**
 * A copy of an object without null fields, which for Kubernetes are absent ones (`limits:` without a value); and what
 * is not of the shape that devk reads, as sentences. Fields of custom resources may be null. Pure.
 */
export function shaped(object: KubeObject): { readonly object: KubeObject; readonly problems: readonly string[] } {
  const path = templatePath(object)
  const copy = copied(object, isBuiltIn(object.apiVersion)) as Record<string, unknown>
  copy.metadata = copied(object.metadata, true)
  if (path !== undefined) cleanBelow(copy, path)
  const whole = path === undefined ? shapes[groupKindOf(object)] : path.reduceRight(nested, template)
  const problems = [...misshapen(copy.metadata, metadata, 'metadata'), ...misshapen(copy, whole ?? mapping, '')]
  return { object: copy as unknown as KubeObject, problems: [...new Set(problems)] }
}

const nested = (inner: Shape, key: string): Shape => fields({ [key]: inner })

function isBuiltIn(apiVersion: string): boolean {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  return !group.includes('.') || group.endsWith('.k8s.io')
}

/** Mappings of texts, in which a key without a value is still a key. */
const texts = new Set(['data', 'stringData', 'labels', 'annotations', 'matchLabels', 'nodeSelector'])

/** A copy in which nothing is shared, as YAML aliases share values: changing one place must not change another. */
function copied(value: unknown, withoutNull: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => copied(item, withoutNull))
  if (!isRecord(value)) return value
  const kept = Object.entries(value).filter(([, inner]) => !(withoutNull && inner === null))
  return Object.fromEntries(kept.map(([key, inner]) => [key, copied(inner, withoutNull && !texts.has(key))]))
}

/** The pod template of a custom resource is read as that of Kubernetes. */
function cleanBelow(object: Record<string, unknown>, path: readonly string[]): void {
  const [key = '', ...rest] = path
  const inner = object[key]
  if (path.length === 0 || !(key in object)) return
  if (rest.length > 0 && isRecord(inner)) cleanBelow(inner, rest)
  else if (inner === null) delete object[key]
  else if (rest.length === 0) object[key] = copied(inner, true)
}

function misshapen(value: unknown, shape: Shape, path: string): string[] {
  if (value === undefined) return []
  const is = Array.isArray(value) ? 'a list' : isRecord(value) ? 'a mapping' : wordOf(value)
  if (shape === 'text') return typeof value === 'string' ? [] : [`${path} must be a text, but is ${is}${quotes(value)}`]
  if (shape === 'number') return typeof value === 'number' ? [] : [`${path} must be a number, but is ${is}`]
  if (typeof shape === 'object' && 'list' in shape) {
    if (!Array.isArray(value)) return [`${path} must be a list, but is ${is}`]
    return value.flatMap((item, index) => misshapen(item, shape.list, `${path}[${index}]`))
  }
  if (!isRecord(value)) return [`${path} must be a mapping, but is ${is}`]
  if (shape === 'texts') {
    return Object.entries(value).flatMap(([key, inner]) =>
      inner === null ? [] : misshapen(inner, 'text', `${path}.${key}`),
    )
  }
  return Object.entries(shape.fields).flatMap(([key, inner]) =>
    misshapen(value[key], inner, path === '' ? key : `${path}.${key}`),
  )
}

function wordOf(value: unknown): string {
  return value === null ? 'empty' : `a ${typeof value === 'string' ? 'text' : typeof value}`
}

function quotes(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean' ? '; put quotes around it' : ''
}
