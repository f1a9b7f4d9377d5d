import type { KubeObject } from '../../kube/api.ts'
import { yamlText } from '../../lib/yaml.ts'
import { scrapeOf } from './scrape.ts'

/** Configuration of Prometheus and Alertmanager that objects of the project define. */
export interface ProjectMonitors {
  /** ConfigMaps that the pods of the preset mount. Empty ones are left out. */
  readonly objects: readonly KubeObject[]
  /** Sentences about what devk does not support or ignores. */
  readonly warnings: readonly string[]
}

const group = 'monitoring.coreos.com/'

/**
 * Converts objects of the project to configuration files: ServiceMonitors and PodMonitors to scrape configuration,
 * PrometheusRules and ConfigMaps with the label prometheus_rules to rules, and a ConfigMap with the label
 * alertmanager_config to the configuration of Alertmanager. The ConfigMaps are in `namespace`. Pure.
 */
export function projectMonitors(objects: readonly KubeObject[], namespace: string): ProjectMonitors {
  const ofKind = (kind: string) => objects.filter((it) => it.kind === kind && it.apiVersion.startsWith(group))
  const monitors = [...ofKind('ServiceMonitor'), ...ofKind('PodMonitor')]
  const scrapes = monitors.map((monitor) => ({ file: fileOf(monitor), ...scrapeOf(monitor) }))
  const rules = [...ofKind('PrometheusRule').map(rulesOf), ...labelled(objects, 'prometheus_rules')]
  const [receivers, ...more] = labelled(objects, 'alertmanager_config')
  const scrapeFiles = scrapes.map(({ file, configs }) => [file, yamlText({ scrape_configs: configs })] as const)
  return {
    objects: [
      ...configMap('prometheus-project-scrape', namespace, scrapeFiles),
      ...configMap('prometheus-project-rules', namespace, rules),
      ...configMap(
        'alertmanager-project',
        namespace,
        receivers === undefined ? [] : [['alertmanager.yaml', receivers[1]]],
      ),
    ],
    warnings: [
      ...scrapes.flatMap(({ warnings }) => warnings),
      ...more.map(([file]) => `${file} is ignored: Alertmanager reads only one configuration, and uses the first one`),
    ],
  }
}

function rulesOf(rule: KubeObject): readonly [string, string] {
  const { groups = [] } = (rule.spec ?? {}) as { groups?: Record<string, unknown>[] }
  // Prometheus rejects this field, which is for Thanos.
  return [fileOf(rule), yamlText({ groups: groups.map(({ partial_response_strategy: _, ...rest }) => rest) })]
}

/**
 * The YAML files of ConfigMaps with a label. Their names contain the name of the ConfigMap, so that they are unique.
 */
function labelled(objects: readonly KubeObject[], label: string): (readonly [string, string])[] {
  return objects
    .filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.labels?.[label] !== undefined)
    .flatMap((map) =>
      Object.entries((map.data ?? {}) as Record<string, string>)
        .filter(([file]) => /\.ya?ml$/.test(file))
        .map(([file, text]) => [`${nameOf(map)}-${file.replace(/\.yml$/, '.yaml')}`, text] as const),
    )
}

function configMap(name: string, namespace: string, files: readonly (readonly [string, string])[]): KubeObject[] {
  if (files.length === 0) return []
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: Object.fromEntries(files) }]
}

const fileOf = (object: KubeObject) => `${object.kind.toLowerCase()}-${nameOf(object)}.yaml`
const nameOf = ({ metadata }: KubeObject) => `${metadata.namespace ?? 'default'}-${metadata.name}`
