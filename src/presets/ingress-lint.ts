import type { KubeObject } from '../kube/api.ts'
import { nameOf } from '../kube/api.ts'

const prefix = 'nginx.ingress.kubernetes.io/'

/** Annotations that no version of Traefik's ingress-nginx provider supports, each with advice. */
const unsupported: Readonly<Record<string, string>> = {
  'denylist-source-range': 'list the allowed networks with allowlist-source-range',
  'mirror-target': 'use an HTTPRoute with the filter RequestMirror',
  'mirror-host': 'use an HTTPRoute with the filter RequestMirror',
  'mirror-request-body': 'use an HTTPRoute with the filter RequestMirror',
  'enable-opentelemetry': 'Traefik has its own tracing settings',
  'enable-opentracing': 'Traefik has its own tracing settings',
  satisfy: 'a request must always meet all conditions',
  'proxy-redirect-from': 'set the header Location in the application',
  'proxy-redirect-to': 'set the header Location in the application',
  'proxy-cookie-domain': 'set the cookie in the application',
  'proxy-cookie-path': 'set the cookie in the application',
  'limit-rate': 'limit-rps limits requests instead of bytes',
  'limit-rate-after': 'limit-rps limits requests instead of bytes',
  'limit-whitelist': 'limits apply to every client',
  'global-rate-limit': 'use limit-rps, which counts in each pod of Traefik',
  'ssl-ciphers': 'Traefik has its own list of ciphers',
  'ssl-prefer-server-ciphers': 'Traefik has its own list of ciphers',
  'auth-cache-key': 'Traefik calls the authentication service for every request',
  'auth-cache-duration': 'Traefik calls the authentication service for every request',
  'auth-tls-error-page': 'clients without a certificate get status 403',
  'auth-tls-match-cn': 'check the common name in the application',
  'stream-snippet': 'Traefik cannot run configuration of nginx',
  'configuration-snippet': 'Traefik cannot run configuration of nginx, except a few directives if snippets are enabled',
  'server-snippet': 'Traefik cannot run configuration of nginx, except a few directives if snippets are enabled',
  'modsecurity-snippet': 'Traefik has no ModSecurity',
  'enable-modsecurity': 'Traefik has no ModSecurity',
  'enable-owasp-core-rules': 'Traefik has no ModSecurity',
}

/** Annotations that Traefik supports since 3.7. */
const since37 = [
  ...[
    'canary',
    'canary-weight',
    'canary-weight-total',
    'canary-by-header',
    'canary-by-header-value',
    'canary-by-cookie',
  ],
  ...['rewrite-target', 'app-root', 'permanent-redirect', 'temporal-redirect', 'from-to-www-redirect', 'server-alias'],
  ...['limit-rps', 'limit-rpm', 'limit-connections', 'proxy-body-size', 'proxy-read-timeout', 'proxy-send-timeout'],
  ...['proxy-connect-timeout', 'whitelist-source-range', 'allowlist-source-range', 'custom-headers', 'upstream-vhost'],
  ...['custom-http-errors', 'default-backend', 'auth-signin', 'auth-tls-secret', 'proxy-request-buffering'],
]

/**
 * Finds annotations of Ingresses that do not work with this version of Traefik (`3.7.11`), paths that it never reaches,
 * and Ingresses that every web page can reach. Returns a sentence for each. Pure.
 */
export function ingressWarnings(objects: readonly KubeObject[], version: string): string[] {
  const ingresses = objects.filter(
    ({ kind, apiVersion }) => kind === 'Ingress' && apiVersion.startsWith('networking.k8s.io/'),
  )
  return [
    ...ingresses.flatMap((ingress) => annotationWarnings(ingress, version)),
    ...pathWarnings(ingresses),
    ...[...ingresses.filter(isForEveryHost), ...objects.filter(isRouteForEveryHost)].map(hostWarning),
  ]
}

function annotationWarnings(ingress: KubeObject, version: string): string[] {
  const old = /^v?3\.[0-6](\.|$)/.test(version)
  return Object.keys(ingress.metadata.annotations ?? {}).flatMap((key) => {
    if (!key.startsWith(prefix)) return []
    const name = key.slice(prefix.length)
    const instead = unsupported[name]
    if (instead !== undefined) return [`${nameOf(ingress)}: ${name} has no effect; ${instead}`]
    return old && since37.includes(name)
      ? [`${nameOf(ingress)}: ${name} needs Traefik 3.7, but ${version} is installed`]
      : []
  })
}

/** A web page whose name was changed to lead to this machine (DNS rebinding) gets status 404 from all others. */
function isForEveryHost({ spec }: KubeObject): boolean {
  const { rules = [], defaultBackend } = (spec ?? {}) as IngressSpec
  return defaultBackend !== undefined || rules.some(({ host }) => host === undefined || host === '')
}

function isRouteForEveryHost({ kind, apiVersion, spec }: KubeObject): boolean {
  if (kind !== 'HTTPRoute' || !apiVersion.startsWith('gateway.networking.k8s.io/')) return false
  const { hostnames = [], parentRefs = [] } = (spec ?? {}) as RouteSpec
  // A route of a mesh has a Service for its parent, which no page of this machine reaches.
  return hostnames.length === 0 && parentRefs.some((parent) => (parent.kind ?? 'Gateway') === 'Gateway')
}

function hostWarning(object: KubeObject): string {
  return (
    `${nameOf(object)}: without a host it answers to every web page whose name leads to this machine; name a host, ` +
    `such as ${object.metadata.name}.localhost`
  )
}

interface RouteSpec {
  readonly hostnames?: readonly string[]
  readonly parentRefs?: readonly { readonly kind?: string }[]
}

interface IngressSpec {
  readonly rules?: readonly IngressRule[]
  readonly defaultBackend?: unknown
}

interface IngressRule {
  readonly host?: string
  readonly http?: { readonly paths?: readonly { readonly path?: string; readonly pathType?: string }[] }
}

/**
 * Finds exact paths that a prefix hides. Traefik tries the rule with the longest text first, and the rule of a prefix
 * is longer than that of an exact path (`buildRule` in pkg/provider/kubernetes/ingress-nginx/translator.go of 3.7). The
 * prefix `/api` therefore gets the requests for an exact `/api/health`.
 */
function pathWarnings(ingresses: readonly KubeObject[]): string[] {
  const paths = ingresses.flatMap((ingress) =>
    ((ingress.spec as IngressSpec | undefined)?.rules ?? []).flatMap(({ host = '', http }) =>
      (http?.paths ?? []).map(({ path = '/', pathType }) => ({ ingress, host, path, exact: pathType === 'Exact' })),
    ),
  )
  const below = (path: string, parent: string) => path === parent || path.startsWith(`${parent.replace(/\/$/, '')}/`)
  return paths
    .filter(({ exact }) => exact)
    .flatMap(({ ingress, host, path }) => {
      const hiding = paths.find(
        (other) =>
          !other.exact && other.host === host && below(path, other.path) && exactRule(path) <= prefixRule(other.path),
      )
      if (hiding === undefined) return []
      return [
        `${nameOf(ingress)}: Traefik never reaches the exact path ${path}, because it tries the prefix ` +
          `${hiding.path} first; use pathType: Prefix`,
      ]
    })
}

const exactRule = (path: string) => `Path("${path}")`.length
function prefixRule(path: string): number {
  const bare = path.replace(/\/$/, '')
  return (bare === '' ? 'PathPrefix("/")' : `(Path("${bare}") || PathPrefix("${bare}/"))`).length
}
