import type { PodContainer, Probe } from './pod.ts'

/**
 * Summarizes a probe failure from the kubelet's event: `readiness /ready answers 503`. Only the first word of the
 * message tells which probe failed; Kubernetes has no field for it.
 */
export function probeFailure(container: PodContainer, message: string): string {
  const [, name = '', said = ''] = /^(\w+) probe (?:failed|errored)[^:]*: ?(.*)$/s.exec(message) ?? []
  const which = name.toLowerCase()
  const probe = {
    readiness: container.readinessProbe,
    liveness: container.livenessProbe,
    startup: container.startupProbe,
  }[which as 'readiness']
  if (probe === undefined) return message
  const target = targetOf(probe)
  const status = /HTTP probe failed with statuscode: (\d+)/.exec(said)
  if (status) return `${which} ${probe.httpGet?.path ?? target} answers ${status[1]}`
  // The address of the pod does not help the reader; `target` has the port.
  const words = said
    .trim()
    .replace(/^.*dial tcp [^ ]+: (connect: )?/s, '')
    .replace(/^Get "[^"]*": /, '')
  return `${which} ${target} fails: ${words === '' ? 'no output' : words.replace(/\s*\n\s*/g, ' ')}`
}

function targetOf(probe: Probe): string {
  if (probe.httpGet) return `${probe.httpGet.path ?? '/'} on port ${probe.httpGet.port}`
  if (probe.tcpSocket) return `on port ${probe.tcpSocket.port}`
  if (probe.grpc) return `by gRPC on port ${probe.grpc.port}`
  return 'command'
}
