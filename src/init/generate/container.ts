import type { ComposeHealth, ComposeService } from '../../readers/compose/model.ts'
import { kubeName } from './names.ts'

/** Names of variables whose values belong into a Secret. */
const isSecret = /PASS(WORD|WD|PHRASE)?($|_)|SECRET|TOKEN|CREDENTIAL|PRIVATE|(^|_)(API_?)?KEY$|_(DSN|KEY)$/i

/** The environment of a container, and the values that go into the Secret of its service. Pure. */
export function environmentOf(service: ComposeService): {
  readonly env: readonly object[]
  readonly secrets: Readonly<Record<string, string>>
} {
  const name = kubeName(service.name)
  const all = Object.entries(service.environment).filter(([key]) => /^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(key))
  // A path is no secret: images read passwords from files named by such variables.
  const hidden = all.filter(([key, value]) => isSecret.test(key) && value !== '' && !value.startsWith('/'))
  const env = all.map(([key, value]) =>
    hidden.some(([own]) => own === key)
      ? { name: key, valueFrom: { secretKeyRef: { name, key } } }
      : // Kubernetes replaces $(NAME); $$( stands for itself.
        { name: key, value: value.replaceAll('$(', '$$$$(') },
  )
  return { env, secrets: Object.fromEntries(hidden) }
}

/** The readiness and startup probes for a health check, or for a port. Pure. */
export function probesOf(health: ComposeHealth | undefined, port: number | undefined): object {
  if (health === undefined)
    return port === undefined ? {} : { readinessProbe: { tcpSocket: { port }, periodSeconds: 5 } }
  const { interval = 30, timeout = 30, retries = 3, start } = health
  const probe = { exec: { command: [...health.command] }, timeoutSeconds: timeout }
  const startup =
    start === undefined
      ? {}
      : { startupProbe: { ...probe, periodSeconds: 5, failureThreshold: Math.ceil(start / 5) + retries } }
  // A health check of Compose does not restart the container, so it is no liveness probe.
  return { readinessProbe: { ...probe, periodSeconds: interval, failureThreshold: Math.max(retries, 1) }, ...startup }
}

/** Limits and requests. Compose counts memory in powers of two. Pure. */
export function resourcesOf({ limits, reservations }: ComposeService['resources']): object {
  const of = ({ cpus, memory }: Readonly<Record<string, string>>) => {
    const size = memoryOf(memory)
    const count =
      cpus !== undefined && /^\d*\.?\d+$/.test(cpus) && Number(cpus) > 0 ? cpus.replace(/^\./, '0.') : undefined
    return { ...(count === undefined ? {} : { cpu: count }), ...(size === undefined ? {} : { memory: size }) }
  }
  const [limit, request] = [of(limits), of(reservations)]
  const resources = {
    ...(Object.keys(request).length === 0 ? {} : { requests: request }),
    ...(Object.keys(limit).length === 0 ? {} : { limits: limit }),
  }
  return Object.keys(resources).length === 0 ? {} : { resources }
}

const units: Readonly<Record<string, string>> = { b: '', '': '', k: 'Ki', m: 'Mi', g: 'Gi', t: 'Ti' }

function memoryOf(text: string | undefined): string | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(text ?? '') ?? []
  if (number === undefined || Number(number) === 0) return undefined
  return `${number}${units[unit.toLowerCase()] ?? ''}`
}

/** The user of a container, if it is given by its number. Pure. */
export function userOf(user: string | undefined): object {
  const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(user ?? '') ?? []
  if (uid === undefined) return {}
  const group = gid === undefined ? {} : { runAsGroup: Number(gid) }
  return { securityContext: { runAsUser: Number(uid), ...group } }
}
