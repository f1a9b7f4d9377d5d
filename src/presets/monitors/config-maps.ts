import type { KubeObject } from '../../kube/api.ts'
import { yamlText } from '../../lib/yaml.ts'
import { scrapeOf } from './scrape.ts'

/** What the project's own objects ask of Prometheus and Alertmanager. */
export interface ProjectMonitors {
  /** ConfigMaps that the preset's pods mount; one that would be empty is left out. */
  readonly objects: readonly KubeObject[]
  /** In plain words: what is asked for and not done. */
  readonly warnings: readonly string[]
}

const group = 'monitoring.coreos.com/'

/**
 * Scrape configuration from ServiceMonitors and PodMonitors, rules from PrometheusRules and from ConfigMaps labelled prometheus_rules, and
 * Alertmanager's configuration from a ConfigMap labelled alertmanager_config. Pure.
 */
export function projectMonitors(objects: readonly KubeObject[], namespace: string): ProjectMonitors {
  const own = (kind: string) => objects.filter((it) => it.kind === kind && it.apiVersion.startsWith(group))
  const monitors = [...own('ServiceMonitor'), ...own('PodMonitor')]
  const scrapes = monitors.map((monitor) => ({ file: fileOf(monitor), ...scrapeOf(monitor) }))
  const rules = [...own('PrometheusRule').map(rulesOf), ...labelled(objects, 'prometheus_rules')]
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
      ...more.map(([file]) => `${file}: Alertmanager reads one configuration, and the first was taken`),
    ],
  }
}

function rulesOf(rule: KubeObject): readonly [string, string] {
  const { groups = [] } = (rule.spec ?? {}) as { groups?: Record<string, unknown>[] }
  // A field for Thanos, which Prometheus refuses.
  return [fileOf(rule), yamlText({ groups: groups.map(({ partial_response_strategy: _, ...rest }) => rest) })]
}

/** The files of ConfigMaps with a label, by names that no two of them share. */
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
