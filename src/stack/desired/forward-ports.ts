import { groupKindOf, type KubeObject } from '../../kube/api.ts'
import { declaredPorts, selects, targetPortOf, tcpPorts } from '../../manifests/service.ts'
import { podTemplate } from '../../manifests/workload.ts'

/**
 * The port of a workload's pods that a forward to `port` means. If no container declares the port, and a Service that
 * selects the pods maps it to another port, the forward goes to that port, as `kubectl port-forward service/NAME` does.
 * `workload` and `objects` have their namespaces. Pure.
 */
export function podPort(port: number, workload: KubeObject, objects: readonly KubeObject[]): number {
  const template = podTemplate(workload)
  if (declaredPorts(template).some(({ containerPort }) => containerPort === port)) return port
  const targets = objects
    .filter((object) => groupKindOf(object) === '/Service' && selects(object, workload))
    .flatMap(tcpPorts)
    .filter((mapping) => mapping.port === port)
    .map((mapping) => targetPortOf(mapping, template))
  return targets.find((target) => target !== undefined) ?? port
}
